import ArgumentParser
import Chargen

/// `chargen classify predict`
struct ClassifyPredictCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Predict the labels of texts.",
        discussion: """
            The texts are the arguments. If there are none, each line of standard input is a text. The command prints one \
            line for each text: the predicted label, its probability and the text, separated by tabs. With --json, the line \
            is a JSON object with the probabilities of all labels.

            Examples:
              chargen classify predict "hardly a dull moment"
              chargen classify predict --model moods.safetensors --json < lines.txt
            """
    )

    @Argument(help: "The texts (default: the lines of standard input).")
    var texts: [String] = []

    @Option(parsing: .unconditional, help: "The classifier file.", completion: .file())
    var model: String = defaultClassifierPath

    @Option(parsing: .unconditional, help: ArgumentHelp("The number of threads (default: one per core).", valueName: "P"))
    var threads: Int?

    @Flag(help: "Print one JSON object per line.")
    var json = false

    func run() throws {
        var texts = texts, path = model
        // The first argument may also be the classifier, as in other commands.
        if model == defaultClassifierPath, let first = texts.first, first.hasSuffix(".safetensors") {
            path = first
            texts.removeFirst()
        }
        let classifier = try TextClassifier(contentsOf: path)
        if !texts.isEmpty { return try printPredictions(for: texts, classifier) }
        var lines: [String] = []
        while let line = readLine() {
            guard line.contains(where: { !$0.isWhitespace }) else { continue }
            lines.append(line)
            if lines.count == Self.linesAtOnce {
                try printPredictions(for: lines, classifier)
                lines.removeAll(keepingCapacity: true)
            }
        }
        try printPredictions(for: lines, classifier)
    }

    /// The number of lines of standard input that are classified together.
    private static let linesAtOnce = 256

    private func printPredictions(for texts: [String], _ classifier: TextClassifier) throws {
        for (text, prediction) in zip(texts, try classifier.predict(texts, device: .cpu(threads: threads))) {
            if json {
                try JSONOutput.write(
                    Report(
                        text: text, label: prediction.label,
                        probabilities: Dictionary(
                            uniqueKeysWithValues: zip(classifier.labelNames, prediction.probabilities))))
            } else {
                let probability = Numbers.fixed(Double(prediction.probabilities.max() ?? 0), 4)
                try Terminal.standardOutput.writeData("\(prediction.label)\t\(probability)\t\(text)\n")
            }
        }
    }

    /// The JSON object of one text.
    private struct Report: Encodable {
        let text: String
        let label: String
        let probabilities: [String: Float]
    }
}
