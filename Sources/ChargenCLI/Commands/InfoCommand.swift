import ArgumentParser
import Chargen

/// `chargen info`
struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "What a model file holds, or what this machine offers.",
        discussion: """
            Examples:
              chargen info
              chargen info book.safetensors --json
              chargen info --machine
            """
    )

    @Argument(help: "The model.", completion: .file())
    var model: String = defaultModelPath

    @Flag(help: "Tell about this machine instead: instruction set, threads, precision and the peak of products.")
    var machine = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        if machine {
            let report = try MachineReport()
            return json ? try JSONOutput.write(report) : try write(report.lines)
        }
        let file = try ModelFile(path: model)
        let report = Report(path: model, file: file)
        if json { return try JSONOutput.write(report) }
        try write(report.lines)
    }

    private func write(_ lines: [(String, String)]) throws {
        let width = (lines.map { $0.0.count }.max() ?? 0) + 2
        try Terminal.standardOutput.writeData(
            lines.map { name, text in name + String(repeating: " ", count: width - name.count) + text + "\n" }.joined())
    }

    /// What is printed, as lines or as JSON.
    private struct Report: Encodable {
        let path: String
        let network: RNNConfiguration
        let parameters: Int
        let vocabulary: [String]
        let newlines: LineBreaks
        let sampling: SamplingOptions
        let training: TrainingRecord?
        let tensors: [String: [Int]]

        init(path: String, file: ModelFile) {
            self.path = path
            network = file.model.network.configuration
            parameters = file.model.network.parameterCount
            vocabulary = file.model.vocabulary.characters.map { String($0) }
            newlines = file.model.lineBreaks
            sampling = file.model.sampling
            training = file.training
            tensors = Dictionary(uniqueKeysWithValues: file.model.network.tensors.map { ($0.name, $0.tensor.shape) })
        }

        var lines: [(String, String)] {
            var shown = vocabulary.prefix(60).map { $0 == "\n" ? "⏎" : $0 == " " ? "␣" : $0 }.joined()
            if vocabulary.count > 60 { shown += "…" }
            var lines = [
                ("model", path),
                ("network", network.summary + ", \(Numbers.grouped(parameters)) parameters"),
                ("vocabulary", "\(Numbers.grouped(vocabulary.count)) characters: \(shown)"),
                ("line breaks", newlines == .keep ? "kept" : "read as spaces"),
                ("sampling", sampling.greedy ? "greedy" : "temperature \(sampling.temperature)"),
            ]
            guard let training else { return lines }
            lines.append(
                ("trained on", "\(Numbers.grouped(training.corpusCharacters)) characters, \(training.epochs) epochs, "
                    + "\(Numbers.grouped(training.steps)) steps of \(training.batchSize) × \(training.sequenceLength), "
                    + "\(training.batching.rawValue) batches"))
            lines.append(
                ("optimizer", "\(training.optimizer.rawValue)"
                    + (training.precision.map { " in \($0.rawValue)" } ?? "") + ", learning rate \(training.learningRate), "
                    + "\(training.schedule.rawValue), clip norm "
                    + (training.clipNorm == 0 ? "none" : "\(training.clipNorm)")
                    + (training.clipValue.map { ", clip value \($0)" } ?? "")
                    + (training.dropout.map { ", dropout \($0)" } ?? "")
                    + (training.recurrentDropout.map { ", recurrent dropout \($0)" } ?? "") + ", seed \(training.seed)"))
            if let loss = training.trainLoss {
                var text = "\(Numbers.fixed(loss, 4)) in training "
                    + "(perplexity \(Numbers.perplexity(Evaluation(characters: 0, loss: loss).perplexity)))"
                if let validation = training.validationLoss {
                    text += ", \(Numbers.fixed(validation, 4)) on \(Numbers.grouped(training.validationCharacters)) "
                        + "characters kept aside"
                }
                lines.append(("loss", text))
            }
            return lines
        }
    }
}

extension RNNConfiguration {
    /// What the network is made of, in words.
    var summary: String {
        (layers == 1 ? cell.title : "\(layers) \(cell.title) layers") + ", \(Numbers.grouped(hiddenSize)) units"
            + (layers == 1 ? "" : " each") + ", " + (embeddingSize.map { "embedding of \($0)" } ?? "one-hot input")
    }
}

extension RNNConfiguration.Cell {
    /// The cell's name as people write it.
    var title: String { self == .rnn ? "simple RNN" : rawValue.uppercased() }
}
