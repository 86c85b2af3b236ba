import ChargenNN
import ChargenTensor
import ChargenText
import ChargenTraining

/// Trains a ``TextClassifier`` on texts whose labels are known.
///
/// The same texts, options and seed give the same classifier, bit for bit, on the same kind of processor, whatever the
/// number of threads.
public final class ClassifierTrainer {
    /// The options that the training was made with.
    public let options: ClassifierOptions
    /// The tokens that the classifier will know.
    public let vocabulary: TokenVocabulary
    /// The labels.
    public let labelNames: [String]
    /// Times that the texts are gone through.
    public let epochs: Int
    private let inputs: LayerInput
    private let targets: Tensor
    private let model: Sequential

    /// - Parameters:
    ///   - texts: what is learned from.
    ///   - labels: the label of each, as an index into `labelNames`.
    ///   - labelNames: the labels; at least two.
    ///   - embeddings: given the vocabulary, vectors `[V, D]` that the embedding begins with; nil for none.
    /// - Throws: `TrainingError` for options out of range, `ModelError`, `LayerError`, `BackendError`. Traps where there
    ///   are not as many labels as texts, or labels that have no name.
    public init(
        texts: [String], labels: [Int], labelNames: [String], options: ClassifierOptions = ClassifierOptions(),
        embeddings: ((TokenVocabulary) throws -> Tensor?)? = nil
    ) throws {
        precondition(
            texts.count == labels.count && !texts.isEmpty && labels.allSatisfy(labelNames.indices.contains),
            "\(labels.count) labels of \(labelNames.count) for \(texts.count) texts")
        var options = options
        try options.validate()
        let unit = options.unit ?? TextUnit.guessed(from: texts)
        options.unit = unit
        let vocabulary = TokenVocabulary(texts: texts, unit: unit, minimumCount: options.minimumCount)
        var embedding: Embedding?
        if let vectors = try embeddings?(vocabulary) {
            embedding = Embedding(weights: vectors, trainable: !options.frozen, maskZero: true)
            options.configuration.embeddingSize = vectors.shape[1]
        }
        model = try Sequential(
            options.configuration.makeLayers(
                vocabularySize: vocabulary.count, classes: labelNames.count, dropout: Float(options.dropout),
                recurrentDropout: Float(options.recurrentDropout), embedding: embedding),
            seed: options.seed, threads: options.threads)
        inputs = TextClassifier.inputs(texts, vocabulary)
        targets = Tensor(shape: [labels.count, 1], values: labels.map { Float($0) })
        epochs = options.epochs ?? min(100, max(10, 60_000 / texts.count))
        self.options = options
        self.vocabulary = vocabulary
        self.labelNames = labelNames
    }

    /// The layers, with their shapes and parameters.
    public var summary: String { model.summary() }
    /// Numbers that are trained.
    public var parameterCount: Int { model.parameterCount }

    /// Goes through the texts epoch by epoch.
    /// - Parameters:
    ///   - heldOut: texts and labels to measure on after each epoch.
    ///   - onEpoch: is told of each epoch; returning false ends the training.
    ///   - onStep: is told how it goes after every step; returning false ends the training there.
    /// - Throws: `TrainingError/diverged(epoch:step:learningRate:)`.
    @discardableResult
    public func train(
        heldOut: (texts: [String], labels: [Int])? = nil, onEpoch: (History.Epoch) throws -> Bool = { _ in true },
        onStep: (FitProgress) -> Bool = { _ in true }
    ) throws -> History {
        var fit = FitOptions()
        fit.epochs = epochs
        fit.batchSize = options.batchSize
        fit.learningRate = options.learningRate
        fit.schedule = .cosine
        fit.clipNorm = 1
        fit.seed = options.seed
        let validation = heldOut.flatMap { texts, labels in
            texts.isEmpty
                ? nil
                : (
                    TextClassifier.inputs(texts, vocabulary),
                    Tensor(shape: [labels.count, 1], values: labels.map { Float($0) })
                )
        }
        return try model.fit(
            inputs, targets, loss: .sparseCategoricalCrossentropy, options: fit, validation: validation, onEpoch: onEpoch,
            onStep: onStep)
    }

    /// A snapshot of the classifier as it is now.
    public var classifier: TextClassifier {
        TextClassifier(
            configuration: options.configuration, vocabulary: vocabulary, labelNames: labelNames,
            parameters: model.parameters)
    }
}
