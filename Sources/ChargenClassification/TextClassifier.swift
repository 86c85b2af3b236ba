import ChargenNN
import ChargenTensor
import ChargenText

/// A trained model that tells the labels of texts. An immutable value that may be shared by threads.
///
///     let classifier = try ClassifierFile(path: "classifier.safetensors").classifier
///     print(try classifier.predict(["hardly a dull moment"])[0].label)
public struct TextClassifier: Sendable, Equatable {
    /// What the model is made of.
    public let configuration: ClassifierConfiguration
    /// The tokens that it knows.
    public let vocabulary: TokenVocabulary
    /// The labels, in the order of the output.
    public let labelNames: [String]
    /// All parameters, in the order of the layers.
    private let values: [Float]

    /// What the classifier makes of one text.
    public struct Prediction: Sendable, Equatable {
        /// The likeliest label.
        public let label: String
        /// The probability of each label, in the order of ``TextClassifier/labelNames``.
        public let probabilities: [Float]
    }

    /// A snapshot of a model's weights.
    init(
        configuration: ClassifierConfiguration, vocabulary: TokenVocabulary, labelNames: [String],
        parameters: ParameterBuffer
    ) {
        self.configuration = configuration
        self.vocabulary = vocabulary
        self.labelNames = labelNames
        values = parameters.flat.values
        parameterCount = parameters.layout.parameterCount
    }

    /// A classifier with the weights of `tensors`, named and laid out as in ``tensors()``.
    /// - Throws: `ModelError` where a size is out of range or a tensor does not fit, `LayerError`.
    public init(
        configuration: ClassifierConfiguration, vocabulary: TokenVocabulary, labelNames: [String],
        tensors: [String: Tensor]
    ) throws {
        try configuration.validate()
        let plan = try SequentialPlan(
            configuration.makeLayers(vocabularySize: vocabulary.count, classes: labelNames.count))
        self.init(
            configuration: configuration, vocabulary: vocabulary, labelNames: labelNames,
            parameters: try TorchPlace.read(tensors, Self.places(plan.layers, plan.active), layout: plan.layout))
    }

    /// The weights under PyTorch's names and in its layouts, as `torch.nn.Embedding`, `torch.nn.LSTM` (or `GRU`, `RNN`) and
    /// `torch.nn.Linear` take them: `embedding.weight`, `rnn.weight_ih_l0` and so on (`_reverse` for the layer that reads
    /// from the end), `dense.weight` where there is a dense layer, `output.weight`.
    /// - Throws: `BackendError`.
    public func tensors() throws -> [(name: String, tensor: Tensor)] {
        let model = try makeModel(threads: 1)
        return Self.places(model.layers, model.active).map { ($0.name, $0.tensor(of: model.parameters)) }
    }

    /// Numbers that were trained.
    public let parameterCount: Int

    /// Tells the labels of `texts`; tokens that are not known count as unknown ones, and a text without any token is read
    /// as one unknown token.
    /// - Throws: `BackendError`, `LayerError`.
    public func predict(_ texts: [String], threads: Int? = nil) throws -> [Prediction] {
        guard !texts.isEmpty else { return [] }
        let model = try makeModel(threads: threads)
        let outputs = try model.predict(Self.inputs(texts, vocabulary))
        let classes = labelNames.count
        return texts.indices.map { row in
            let probabilities = Array(outputs.values[row * classes..<(row + 1) * classes])
            let best = probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
            return Prediction(label: labelNames[best], probabilities: probabilities)
        }
    }

    /// The layers, with their shapes and parameters.
    /// - Throws: `BackendError`.
    public func summary() throws -> String { try makeModel(threads: 1).summary() }

    private func makeModel(threads: Int?) throws -> Sequential {
        let layers = configuration.makeLayers(vocabularySize: vocabulary.count, classes: labelNames.count)
        let model = try Sequential(SequentialPlan(layers), threads: threads)
        model.parameters.flat.assign(values)
        return model
    }

    /// The tokens of `texts`, padded at their ends.
    static func inputs(_ texts: [String], _ vocabulary: TokenVocabulary) -> LayerInput {
        let sequences = texts.map { text in
            let tokens = vocabulary.encode(text)
            return tokens.isEmpty ? [1] : tokens
        }
        let padded = padSequences(sequences, padding: .post)
        return .tokens(padded.tokens, count: padded.count)
    }

    private static func places(_ layers: [any Layer], _ active: [any ActiveLayer]) -> [TorchPlace] {
        var recurrent = 0
        return layers.indices.flatMap { index -> [TorchPlace] in
            switch layers[index] {
            case is Embedding: return active[index].torchPlaces("embedding", layer: 0)
            case is Dense:
                return active[index].torchPlaces(index == layers.count - 1 ? "output" : "dense", layer: 0)
            default:
                let places = active[index].torchPlaces("rnn", layer: recurrent)
                recurrent += places.isEmpty ? 0 : 1
                return places
            }
        }
    }
}
