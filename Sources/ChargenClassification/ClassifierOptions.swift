import ChargenNN
import ChargenText
import ChargenTraining

/// How a ``TextClassifier`` is trained.
public struct ClassifierOptions: Sendable, Equatable {
    /// What the model is made of.
    public var configuration = ClassifierConfiguration()
    /// What a token is; nil for words where the texts have spaces, else characters.
    public var unit: TextUnit?
    /// How often a token must come to be known.
    public var minimumCount = 2
    /// The share of embeddings, outputs and dense units that training drops.
    public var dropout = 0.3
    /// The share of the states that training hides from the product with them.
    public var recurrentDropout = 0.0
    /// Whether pretrained vectors stay as they are.
    public var frozen = false
    /// Times that the texts are gone through; nil for about 60,000 texts in all, 10 to 100 times.
    public var epochs: Int?
    /// Texts in a batch, N.
    public var batchSize = 32
    /// How far parameters change, at the start.
    public var learningRate = 1e-2
    /// Where all random numbers come from.
    public var seed: UInt64 = 0
    /// Threads to compute with; by default as many as the process may use. Results do not depend on it.
    public var threads: Int?

    /// The defaults, to be changed one by one.
    public init() {}

    /// Makes sure that every option is in its range, whatever the texts.
    /// - Throws: `TrainingError`, `ModelError`.
    public func validate() throws {
        func require(_ condition: Bool, _ option: String, _ value: Any, _ allowed: String) throws {
            if !condition { throw TrainingError.outOfRange(option: option, value: "\(value)", allowed: allowed) }
        }
        try configuration.validate()
        for (option, rate) in [("dropout", dropout), ("recurrent-dropout", recurrentDropout)] {
            try require(rate >= 0 && rate <= 0.95, option, rate, "0 to 0.95")
        }
        try require(minimumCount >= 1, "minimum-count", minimumCount, "1 or more")
        if let epochs { try require(1...1_000_000 ~= epochs, "epochs", epochs, "1 to 1000000") }
        try require(1...65_536 ~= batchSize, "batch-size", batchSize, "1 to 65536")
        try require(learningRate > 0 && learningRate <= 1000, "learning-rate", learningRate, "above 0, up to 1000")
    }
}
