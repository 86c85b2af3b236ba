import Chargen

/// The description of a classifier that `chargen info` prints, as lines or as JSON.
struct ClassifierReport: Encodable {
    /// The kind of the file; another kind has another value.
    let kind = "classifier"
    let path: String
    let network: ClassifierConfiguration
    let parameters: Int
    let labels: [String]
    let unit: TextUnit
    /// The number of tokens, including those for padding and for unknown tokens.
    let vocabularySize: Int
    let vocabulary: [String]
    /// The shape of each tensor.
    let tensors: [String: [Int]]
    /// The names in `tensors`, in the order of the layers.
    private let tensorNames: [String]

    /// - Throws: `BackendError`.
    init(path: String, classifier: TextClassifier) throws {
        self.path = path
        network = classifier.configuration
        parameters = classifier.parameterCount
        labels = classifier.labelNames
        unit = classifier.vocabulary.unit
        vocabularySize = classifier.vocabulary.count
        vocabulary = classifier.vocabulary.tokens
        let shapes = try classifier.tensors().map { ($0.name, $0.tensor.shape) }
        tensors = Dictionary(uniqueKeysWithValues: shapes)
        tensorNames = shapes.map(\.0)
    }

    /// The names and values, in the order in which they are printed.
    var lines: [(String, String)] {
        // The first two tokens stand for padding and for unknown tokens; they are not text.
        let tokens = vocabulary.dropFirst(2)
        var shown = tokens.prefix(20).joined(separator: " ")
        if tokens.count > 20 { shown += " …" }
        var lines = [
            ("classifier", path),
            ("labels", "\(labels.count): \(ExitStatus.oneLine(labels.joined(separator: ", ")))"),
            ("vocabulary", "\(Numbers.grouped(vocabularySize)) \(unit.rawValue): \(ExitStatus.oneLine(shown))"),
            ("network", network.summary + ", \(Numbers.grouped(parameters)) parameters"),
        ]
        for (index, name) in tensorNames.enumerated() {
            lines.append((index == 0 ? "tensors" : "", "\(name) \(tensors[name]!)"))
        }
        return lines
    }
}

extension ClassifierConfiguration {
    /// The layers of the classifier, in words.
    fileprivate var summary: String {
        let kind = (bidirectional ? "bidirectional " : "") + cell.title
        return "embedding of \(Numbers.grouped(embeddingSize)), "
            + (layers == 1 ? kind : "\(layers) \(kind) layers") + ", \(Numbers.grouped(hiddenSize)) units"
            + (bidirectional ? " in each direction" : layers == 1 ? "" : " each")
            + (denseSize > 0 ? ", dense layer of \(Numbers.grouped(denseSize)) units" : "")
    }
}
