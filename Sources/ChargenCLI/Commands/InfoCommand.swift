import ArgumentParser
import Chargen

/// `chargen info`
struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Describe a model file of any kind, or this machine.",
        discussion: """
            Examples:
              chargen info
              chargen info book.safetensors --json
              chargen info classifier.safetensors
              chargen info --machine
            """
    )

    @Argument(help: "The file of a model, of a classifier, or of a model of layers.", completion: .file())
    var model: String = defaultModelPath

    @Flag(help: "Describe this machine instead: its instruction set, threads, precisions and peak speed of matrix products.")
    var machine = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        if machine {
            let report = try MachineReport()
            return json ? try JSONOutput.write(report) : try write(report.lines)
        }
        let path = model
        switch try SavedModel(contentsOf: path) {
        case .characterModel(let characterModel):
            let report = try ModelReport(path: path, model: characterModel)
            try json ? JSONOutput.write(report) : write(report.lines)
        case .classifier(let classifier):
            let report = try ClassifierReport(path: path, classifier: classifier)
            try json ? JSONOutput.write(report) : write(report.lines)
        case .sequential(let model):
            let report = try SequentialReport(path: path, model: model)
            try json ? JSONOutput.write(report) : Terminal.standardOutput.writeData(report.text)
        }
    }

    /// Prints names and values in two columns.
    private func write(_ lines: [(String, String)]) throws {
        let width = (lines.map { $0.0.count }.max() ?? 0) + 2
        try Terminal.standardOutput.writeData(
            lines.map { name, text in name + String(repeating: " ", count: width - name.count) + text + "\n" }.joined())
    }
}
