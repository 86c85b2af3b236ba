import ChargenModels
import ChargenNN
import ChargenTensor
import ChargenText

/// Trains a `TextClassifier` on texts whose labels are known.
///
///     let trainer = try ClassifierTrainer(texts: texts, labels: labels, labelNames: ["no", "yes"])
///     try trainer.train()
///     print(try trainer.classifier.predict(["hardly a dull moment"])[0].label)
///
/// The same texts, options and seed give the same classifier, bit for bit, on the same kind of processor, whatever the
/// number of threads.
public final class ClassifierTrainer: EpochTrainer {
    /// The options of the training.
    public let options: ClassifierOptions
    /// The tokens that the classifier knows.
    public let vocabulary: TokenVocabulary
    /// The labels.
    public let labelNames: [String]
    /// The training loop.
    public let loop: TrainingLoop
    private let model: Sequential

    /// - Parameters:
    ///   - texts: the training texts.
    ///   - labels: the label of each, as an index into `labelNames`.
    ///   - labelNames: the labels; at least two.
    ///   - options: the options of the classifier and of the training.
    ///   - heldOut: texts and labels to measure after each epoch; nil or empty for none.
    ///   - embeddings: given the vocabulary, initial vectors `[V, D]` of the embedding; nil for none.
    /// - Throws: `TrainingError` for options out of range, `ModelError`, `LayerError`, `BackendError`. Traps where there
    ///   are not as many labels as texts, or labels that have no name.
    public init(
        texts: [String], labels: [Int], labelNames: [String], options: ClassifierOptions = ClassifierOptions(),
        heldOut: (texts: [String], labels: [Int])? = nil, embeddings: ((TokenVocabulary) throws -> Tensor?)? = nil
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
            seed: options.seed, device: options.device)
        func examples(_ texts: [String], _ labels: [Int]) -> (inputs: LayerInput, targets: Tensor) {
            (TextClassifier.inputs(texts, vocabulary), Tensor(shape: [labels.count, 1], values: labels.map { Float($0) }))
        }
        let (inputs, targets) = examples(texts, labels)
        loop = try model.trainingLoop(
            inputs, targets, loss: .sparseCategoricalCrossentropy, options: options.fitOptions(texts: texts.count),
            classWeight: options.classWeight,
            validation: heldOut.flatMap { $0.texts.isEmpty ? nil : examples($0.texts, $0.labels) })
        self.options = options
        self.vocabulary = vocabulary
        self.labelNames = labelNames
    }

    /// The layers, with their shapes and parameters.
    public var summary: String { model.summary() }

    /// A snapshot of the classifier as it is now.
    public var classifier: TextClassifier {
        TextClassifier(
            configuration: options.configuration, vocabulary: vocabulary, labelNames: labelNames,
            parameters: loop.modelParameters)
    }
}
