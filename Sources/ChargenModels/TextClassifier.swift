import ChargenDevice
import ChargenNN
import ChargenTensor
import ChargenText

/// A trained model that predicts the labels of texts. It is an immutable value that threads may share.
///
///     let classifier = try TextClassifier(contentsOf: "classifier.safetensors")
///     print(try classifier.predict(["hardly a dull moment"])[0].label)
public struct TextClassifier: Sendable, Equatable {
    /// The architecture.
    public let configuration: ClassifierConfiguration
    /// The tokens that the model knows.
    public let vocabulary: TokenVocabulary
    /// The labels, in the order of the output.
    public let labelNames: [String]
    /// All parameters, in the order of the layers.
    private let values: [Float]
    private let networks = PreparedForms<Device, PreparedNetwork>()

    /// The prediction for one text.
    public struct Prediction: Sendable, Equatable {
        /// The most probable label.
        public let label: String
        /// The probability of each label, in the order of ``TextClassifier/labelNames``.
        public let probabilities: [Float]
    }

    /// A snapshot of a model's weights.
    package init(
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
        let model = try Sequential(
            configuration.makeLayers(vocabularySize: vocabulary.count, classes: labelNames.count),
            on: Device.default.backend())
        try model.setTorchTensors(tensors)
        self.init(
            configuration: configuration, vocabulary: vocabulary, labelNames: labelNames, parameters: model.parameters)
    }

    /// The weights under PyTorch's names and in its layouts, as `torch.nn.Embedding`, `torch.nn.LSTM` (or `GRU`, `RNN`) and
    /// `torch.nn.Linear` take them: `embedding.weight`, `rnn.weight_ih_l0` and so on (`_reverse` for the layer that reads
    /// from the end), `dense.weight` where there is a dense layer, `output.weight`.
    /// - Throws: `BackendError`.
    public func tensors() throws -> [(name: String, tensor: Tensor)] { try makeModel().torchTensors }

    /// Numbers in all weights.
    public let parameterCount: Int

    /// Predicts the labels of `texts`. Tokens outside the vocabulary count as unknown, and a text without any token is read
    /// as one unknown token.
    /// - Throws: `BackendError`, `LayerError`.
    public func predict(_ texts: [String], device: Device = .default) throws -> [Prediction] {
        guard !texts.isEmpty else { return [] }
        let network = try networks.form(device) {
            try PreparedNetwork(layers, values: values, on: device.backend())
        }
        let outputs = try network.withNetwork { try $0.predict(Self.inputs(texts, vocabulary)) }
        let classes = labelNames.count
        return texts.indices.map { row in
            let probabilities = Array(outputs.values[row * classes..<(row + 1) * classes])
            let best = probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
            return Prediction(label: labelNames[best], probabilities: probabilities)
        }
    }

    /// The layers, with their shapes and parameters.
    /// - Throws: `BackendError`.
    public func summary() throws -> String { try makeModel().summary() }

    /// Gives the memory of the prepared weights back. What is in use goes on; what comes later prepares them again.
    public func releasePreparedWeights() { networks.removeAll() }

    /// Whether two classifiers have the same architecture, tokens, labels and weights.
    public static func == (left: TextClassifier, right: TextClassifier) -> Bool {
        left.configuration == right.configuration && left.vocabulary == right.vocabulary
            && left.labelNames == right.labelNames && left.values == right.values
    }

    private var layers: [any Layer] {
        configuration.makeLayers(vocabularySize: vocabulary.count, classes: labelNames.count)
    }

    private func makeModel() throws -> Sequential {
        let model = try Sequential(layers, on: Device.default.backend())
        model.parameters.flat.assign(values)
        return model
    }

    /// The tokens of `texts`; a text without any token is read as one unknown token.
    package static func inputs(_ texts: [String], _ vocabulary: TokenVocabulary) -> LayerInput {
        .tokens(
            texts.map { text in
                let tokens = vocabulary.encode(text)
                return tokens.isEmpty ? [TokenVocabulary.unknownID] : tokens
            })
    }
}
