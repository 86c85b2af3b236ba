import ArgumentParser
import Chargen

/// `chargen sample`
struct SampleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample",
        abstract: "Generate text with a model.",
        discussion: """
            Without a prefix, the model first reads a line break that is not printed. If its vocabulary has no line break, \
            it starts with the character that has the largest output bias.

            Examples:
              chargen sample --prefix "分开"
              chargen sample book.safetensors --length 500 --temperature 0.5
              chargen sample --count 10 --length 40 --seed 7
            """
    )

    @Argument(help: "The model file.", completion: .file())
    var model: String = defaultModelPath

    @Option(parsing: .unconditional, help: ArgumentHelp("The start of the text.", valueName: "TEXT"))
    var prefix: String = ""

    @Option(parsing: .unconditional, help: ArgumentHelp("The number of characters to generate after the prefix.", valueName: "M"))
    var length: Int = 200

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The sampling temperature, 0.01 to 100; lower values make probable characters more probable (default: the "
                + "model's, 0.8).", valueName: "τ"))
    var temperature: Double?

    @Flag(help: "Always choose the most probable character.")
    var greedy = false

    @Option(parsing: .unconditional, help: ArgumentHelp("Sample only from the K most probable characters.", valueName: "K"))
    var topK: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Sample only from the most probable characters whose probabilities add up to P.", valueName: "P"))
    var topP: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The number of texts, which are separated by empty lines.", valueName: "C"))
    var count: Int = 1

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The seed of the random numbers (default: a new one each time).", valueName: "S"))
    var seed: UInt64?

    @Option(
        parsing: .unconditional,
        help: "The precision of the weights: float32, bfloat16, int8, or auto for the fastest on this processor.")
    var precision: StreamPrecision = .automatic

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The number of threads (default: one per core). It does not affect the text.", valueName: "P"))
    var threads: Int?

    func run() throws {
        guard length >= 0 else {
            throw SamplingError.outOfRange(option: "length", value: "\(length)", allowed: "0 or more")
        }
        guard count >= 1 else {
            throw SamplingError.outOfRange(option: "count", value: "\(count)", allowed: "1 or more")
        }
        let model = try CharacterModel(contentsOf: self.model)
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
        // The first text is written as it is generated. The others are generated beside it, which is faster than one by one.
        var writer = GradualWriter(output)
        try writer.write(prefix)
        let texts = try model.generate(
            prefix: prefix, length: length, count: count, options: options, seed: seed, precision: precision,
            device: .cpu(threads: threads)
        ) { try writer.write(String($0)) }
        try writer.flush()
        try output.writeData(texts.dropFirst().map { "\n\n" + $0 }.joined() + "\n")
    }
}
