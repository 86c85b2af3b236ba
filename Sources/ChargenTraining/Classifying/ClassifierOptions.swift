import ChargenDevice
import ChargenModels
import ChargenNN
import ChargenTensor
import ChargenText

/// The options of a `TextClassifier` and of its training.
public struct ClassifierOptions: Sendable {
    /// The architecture.
    public var configuration = ClassifierConfiguration()
    /// The unit that a token is; nil for words where the texts have spaces, else characters.
    public var unit: TextUnit?
    /// How often a token must occur in the texts to enter the vocabulary.
    public var minimumCount = 2
    /// The share of embeddings, outputs and dense units that training drops.
    public var dropout = 0.3
    /// The share of the states that training hides from the recurrent products.
    public var recurrentDropout = 0.0
    /// Whether pretrained vectors are frozen.
    public var frozen = false
    /// Passes over the texts; nil for as many as read about 60,000 texts, 10 to 100.
    public var epochs: Double?
    /// Texts in a batch, N.
    public var batchSize = 32
    /// The first learning rate.
    public var learningRate = 1e-2
    /// The learning rate over the run.
    public var schedule: any LearningRateSchedule = CosineSchedule()
    /// The weight of each class's loss, by the label's index; a class that is not mentioned has the weight 1.
    public var classWeight: [Int: Float] = [:]
    /// The precision of the operands of products in training.
    public var precision = Precision.automatic
    /// The seed of all random numbers.
    public var seed: UInt64 = 0
    /// The device that the classifier is trained on.
    public var device = Device.default

    /// The defaults, to be changed one by one.
    public init() {}

    /// Checks that every option is in its range, whatever the texts.
    /// - Throws: `TrainingError`, `ModelError`.
    public func validate() throws {
        try configuration.validate()
        for (option, rate) in [("dropout", dropout), ("recurrent-dropout", recurrentDropout)] {
            try TrainingError.require(rate >= 0 && rate <= 0.95, option, rate, "0 to 0.95")
        }
        try TrainingError.require(minimumCount >= 1, "minimum-count", minimumCount, "1 or more")
        try fitOptions(texts: 1).validate()
    }

    /// The options of the training loop.
    func fitOptions(texts: Int) -> FitOptions {
        var fit = FitOptions()
        fit.epochs = epochs ?? Double(min(100, max(10, 60_000 / texts)))
        fit.batchSize = batchSize
        fit.learningRate = learningRate
        fit.schedule = schedule
        fit.clipNorm = 1
        fit.seed = seed
        fit.precision = precision
        return fit
    }
}
