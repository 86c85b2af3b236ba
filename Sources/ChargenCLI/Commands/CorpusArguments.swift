import ArgumentParser
import Chargen

/// How a corpus is named and read, for each command that reads one.
struct CorpusArguments: ParsableArguments {
    @Argument(help: "A zip of texts, or a text, in UTF-8.", completion: .file())
    var corpus: String

    @Option(
        parsing: .unconditional,
        help: "Line breaks: \(LineBreaks.allCases.map(\.rawValue).joined(separator: " or ")) (one space each).")
    var newlines: LineBreaks = .keep

    @Option(parsing: .unconditional, help: ArgumentHelp("Read only the first K characters.", valueName: "K"))
    var limitCharacters: Int?

    /// Reads it.
    func read() throws -> Corpus {
        try Corpus(path: corpus, options: CorpusOptions(lineBreaks: newlines, limitCharacters: limitCharacters))
    }
}

extension LineBreaks: ExpressibleByArgument {}
extension RNNConfiguration.Cell: ExpressibleByArgument {}
extension TextUnit: ExpressibleByArgument {}
extension TrainingOptions.Batching: ExpressibleByArgument {}
extension OptimizerKind: ExpressibleByArgument {}
extension ScheduleKind: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}
extension StreamPrecision: ExpressibleByArgument {}
