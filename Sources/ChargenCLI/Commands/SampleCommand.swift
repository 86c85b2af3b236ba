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

    @Option(
        parsing: .unconditional,
        help: "What the weights are kept in: float32, bfloat16, int8, or auto for the fastest.")
    var precision: StreamPrecision = .automatic

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Threads (default: one for each core). The text does not depend on it.", valueName: "P"))
    var threads: Int?

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
        _ = try model.encode(prefix)
        // A person sees each text grow; a pipe gets all of them as fast as they come.
        guard output.isInteractive else {
            let texts = try model.generate(
                prefix: prefix, length: length, count: count, options: options, seed: seed, precision: precision,
                threads: threads)
            return try output.writeData(texts.joined(separator: "\n\n") + "\n")
        }
        var generator = try TextGenerator(
            model, options: options, seed: seed, precision: precision, threads: threads)
        for stream in 0..<count {
            generator.restart(stream: UInt64(stream))
            try output.writeData(stream > 0 ? "\n" + prefix : prefix)
            _ = try generator.generate(prefix: prefix, length: length) { character in
                output.write(String(character))
                return true
            }
            try output.writeData("\n")
        }
    }
}
