import ArgumentParser
import Chargen

/// `chargen classify predict`
struct ClassifyPredictCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Tell the labels of texts.",
        discussion: """
            Texts are arguments, or else lines of standard input. For each, one line: the label, its probability and the \
            text, with tabs between them; with --json one object, with the probability of every label.

            Examples:
              chargen classify predict "hardly a dull moment"
              chargen classify predict --model moods.safetensors --json < lines.txt
            """
    )

    @Argument(help: "The texts; lines of standard input where there are none.")
    var texts: [String] = []

    @Option(parsing: .unconditional, help: "The classifier.", completion: .file())
    var model: String = defaultClassifierPath

    @Option(parsing: .unconditional, help: ArgumentHelp("Threads (default: one for each core).", valueName: "P"))
    var threads: Int?

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func run() throws {
        var texts = texts, path = model
        // A classifier may also be named first, as other commands take it.
        if model == defaultClassifierPath, let first = texts.first, first.hasSuffix(".safetensors") {
            path = first
            texts.removeFirst()
        }
        let classifier = try ClassifierFile(path: path).classifier
        if !texts.isEmpty { return try tell(texts, classifier) }
        var lines: [String] = []
        while let line = readLine() {
            guard line.contains(where: { !$0.isWhitespace }) else { continue }
            lines.append(line)
            if lines.count == Self.linesAtOnce {
                try tell(lines, classifier)
                lines.removeAll(keepingCapacity: true)
            }
        }
        try tell(lines, classifier)
    }

    /// Lines of standard input that are read before they are told.
    private static let linesAtOnce = 256

    private func tell(_ texts: [String], _ classifier: TextClassifier) throws {
        for (text, prediction) in zip(texts, try classifier.predict(texts, threads: threads)) {
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

    /// What `--json` prints for a text.
    private struct Report: Encodable {
        let text: String
        let label: String
        let probabilities: [String: Float]
    }
}
