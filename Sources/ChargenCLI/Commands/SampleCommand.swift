import ArgumentParser
import Chargen

/// `chargen sample`
struct SampleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample",
        abstract: "Write text with a model.",
        discussion: """
            Without a prefix the model starts as after a line break, or after its likeliest character where it knows no \
            line break.

            Examples:
              chargen sample --prefix "分开"
              chargen sample book.safetensors --length 500 --temperature 0.5
              chargen sample --count 10 --length 40 --seed 7
            """
    )

    @Argument(help: "The model.", completion: .file())
    var model: String = defaultModelPath

    @Option(parsing: .unconditional, help: ArgumentHelp("What the text begins with.", valueName: "TEXT"))
    var prefix: String = ""

    @Option(parsing: .unconditional, help: ArgumentHelp("Characters to write after the prefix.", valueName: "M"))
    var length: Int = 200

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "0.01 to 100; below 1: safer text, above: wilder (default: the model's, 0.8).", valueName: "τ"))
    var temperature: Double?

    @Flag(help: "Always take the likeliest character.")
    var greedy = false

    @Option(parsing: .unconditional, help: ArgumentHelp("Draw among the K likeliest characters only.", valueName: "K"))
    var topK: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Draw among the likeliest characters that have probability P together.", valueName: "P"))
    var topP: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Write so many texts, with an empty line between them.", valueName: "C"))
    var count: Int = 1

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The same seed gives the same text (default: another one each time).", valueName: "S"))
    var seed: UInt64?

    func run() throws {
        guard length >= 0 else {
            throw SamplingError.outOfRange(option: "length", value: "\(length)", allowed: "0 or more")
        }
        guard count >= 1 else {
            throw SamplingError.outOfRange(option: "count", value: "\(count)", allowed: "1 or more")
        }
        let model = try ModelFile(path: self.model).model
        var options = model.sampling
        options.greedy = greedy || options.greedy
        if let temperature {
            options.temperature = temperature
            options.greedy = greedy
        }
        options.topK = topK ?? options.topK
        options.topP = topP ?? options.topP
        let seed = seed ?? UInt64.random(in: 0...UInt64(UInt32.max))
        let output = Terminal.standardOutput
        // A person sees the text grow; a pipe gets it in one piece.
        let isSeen = output.isInteractive
        _ = try model.encode(prefix)
        // One text is too little work to share among threads.
        var generator = try TextGenerator(model, options: options, seed: seed, threads: 1)
        for stream in 0..<count {
            generator.restart(stream: UInt64(stream))
            if stream > 0 { try output.writeData("\n") }
            if isSeen { try output.writeData(prefix) }
            let text = try generator.generate(prefix: prefix, length: length) { character in
                if isSeen { output.write(String(character)) }
                return true
            }
            try output.writeData(isSeen ? "\n" : text + "\n")
        }
    }
}
