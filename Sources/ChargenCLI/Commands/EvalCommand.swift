import ArgumentParser
import Chargen

/// `chargen eval`
struct EvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Compute the loss of a text under a model.",
        discussion: """
            The model reads the text once, as one stream, in float32. Line breaks are treated as in the training of the \
            model. With another --precision, the loss shows the effect of rounding the weights, as sample does.

            Examples:
              chargen eval model.safetensors new.txt
              chargen eval model.safetensors more.zip --json
              chargen eval model.safetensors new.txt --precision int8
            """
    )

    @Argument(help: "The model file.", completion: .file())
    var model: String

    @Argument(help: "A zip archive of texts, or one text, in UTF-8.", completion: .file())
    var text: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The number of characters to read from the start of the text (default: all).", valueName: "K"))
    var limitCharacters: Int?

    @Option(
        parsing: .unconditional,
        help: "The precision of the weights: float32, bfloat16, int8, or auto for the one that sample uses by default.")
    var precision: StreamPrecision = .float32

    @Option(parsing: .unconditional, help: ArgumentHelp("The number of threads (default: one per core).", valueName: "P"))
    var threads: Int?

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let model = try CharacterModel(contentsOf: self.model)
        let corpus = try Corpus(
            path: text, options: CorpusOptions(lineBreaks: model.lineBreaks, limitCharacters: limitCharacters))
        let tokens = try model.vocabulary.encode(corpus.text)
        guard tokens.count >= 2 else {
            throw TextError.tooShort(characters: tokens.count, required: 2, batchSize: 1, steps: 1)
        }
        var line = LiveLine(.standardError)
        let clock = ContinuousClock()
        let start = clock.now
        func show(_ read: Int) -> Bool {
            if clock.now - start > .seconds(1) {
                line.show {
                    let elapsed = Double((clock.now - start).components.seconds)
                    let left = elapsed / Double(read) * Double(tokens.count - read)
                    return "\(Numbers.grouped(read)) of \(Numbers.grouped(tokens.count)) characters  "
                        + "\(Numbers.duration(left)) left"
                }
            }
            return true
        }
        let evaluation =
            try model.network.evaluate(tokens, precision: precision, device: .cpu(threads: threads), progress: show)
        line.clear()
        guard let evaluation else { return }
        if json {
            try JSONOutput.write(Report(evaluation: evaluation))
        } else {
            try Terminal.standardOutput.writeData(
                """
                characters          \(Numbers.grouped(evaluation.characters))
                loss                \(Numbers.fixed(evaluation.loss, 4)) nats per character
                perplexity          \(Numbers.perplexity(evaluation.perplexity))
                bits per character  \(Numbers.fixed(evaluation.bitsPerCharacter, 4))

                """)
        }
    }

    /// The output of `--json`.
    private struct Report: Encodable {
        let evaluation: Evaluation

        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(evaluation.characters, forKey: .characters)
            try values.encode(evaluation.loss, forKey: .nll)
            // JSON cannot represent infinity.
            try values.encode(evaluation.perplexity.isFinite ? evaluation.perplexity : nil, forKey: .perplexity)
            try values.encode(evaluation.bitsPerCharacter, forKey: .bitsPerCharacter)
        }

        private enum CodingKeys: String, CodingKey {
            case characters, nll, perplexity
            case bitsPerCharacter = "bits_per_character"
        }
    }
}
