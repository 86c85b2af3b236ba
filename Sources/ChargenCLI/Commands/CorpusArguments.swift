import ArgumentParser
import Chargen

/// The arguments of each command that reads a corpus.
struct CorpusArguments: ParsableArguments {
    @Argument(help: "The corpus: a zip archive of texts, or one text, in UTF-8.", completion: .file())
    var corpus: String

    @Option(
        parsing: .unconditional,
        help: "Line breaks: keep, or space to replace each one with a space.")
    var newlines: LineBreaks = .keep

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The number of characters to read from the start of the corpus (default: all).", valueName: "K"))
    var limitCharacters: Int?

    /// Reads the corpus.
    func read() throws -> Corpus {
        try Corpus(path: corpus, options: CorpusOptions(lineBreaks: newlines, limitCharacters: limitCharacters))
    }
}

extension LineBreaks: ExpressibleByArgument {}
extension RNNConfiguration.Cell: ExpressibleByArgument {}
extension TextUnit: ExpressibleByArgument {}
extension TrainingOptions.Batching: ExpressibleByArgument {}
extension KeptWeights: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}
extension StreamPrecision: ExpressibleByArgument {}
