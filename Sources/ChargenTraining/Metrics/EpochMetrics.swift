import ChargenTensor

/// What one epoch of training came to.
public struct EpochMetrics: Sendable, Equatable, Codable {
    /// The epoch, from 1.
    public var epoch: Int
    /// Optimizer steps taken so far, over all epochs.
    public var step: Int
    /// Characters learned from so far, over all epochs.
    public var characters: Int
    /// Seconds spent training so far, without evaluation.
    public var seconds: Double
    /// Mean negative log-likelihood of the epoch's characters in nats, each predicted before it was learned from.
    public var trainLoss: Double
    /// The learning rate of the last step.
    public var learningRate: Double
    /// The gradient's global norm before clipping, mean over the steps.
    public var gradientNorm: Double
    /// Characters learned from in a second of the epoch.
    public var charactersPerSecond: Double
    /// Mean negative log-likelihood of the characters kept aside, where there are any.
    public var validationLoss: Double?
    /// Whether the epoch was gone through to its end.
    public var isComplete: Bool

    /// `exp(trainLoss)`.
    public var perplexity: Double { exponential(trainLoss) }

    private enum CodingKeys: String, CodingKey {
        case epoch, step, characters, seconds
        case trainLoss = "train_loss"
        case perplexity
        case learningRate = "learning_rate"
        case gradientNorm = "gradient_norm"
        case charactersPerSecond = "characters_per_second"
        case validationLoss = "validation_loss"
    }

    init(
        epoch: Int, step: Int, characters: Int, seconds: Double, trainLoss: Double, learningRate: Double,
        gradientNorm: Double, charactersPerSecond: Double, validationLoss: Double?, isComplete: Bool
    ) {
        self.epoch = epoch
        self.step = step
        self.characters = characters
        self.seconds = seconds
        self.trainLoss = trainLoss
        self.learningRate = learningRate
        self.gradientNorm = gradientNorm
        self.charactersPerSecond = charactersPerSecond
        self.validationLoss = validationLoss
        self.isComplete = isComplete
    }

    /// Reads the form that ``encode(to:)`` writes.
    /// - Throws: `DecodingError`.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            epoch: try values.decode(Int.self, forKey: .epoch), step: try values.decode(Int.self, forKey: .step),
            characters: try values.decode(Int.self, forKey: .characters),
            seconds: try values.decode(Double.self, forKey: .seconds),
            trainLoss: try values.decode(Double.self, forKey: .trainLoss),
            learningRate: try values.decode(Double.self, forKey: .learningRate),
            gradientNorm: try values.decode(Double.self, forKey: .gradientNorm),
            charactersPerSecond: try values.decode(Double.self, forKey: .charactersPerSecond),
            validationLoss: try values.decodeIfPresent(Double.self, forKey: .validationLoss), isComplete: true)
    }

    /// Writes the names of `--metrics`: `epoch`, `train_loss`, `characters_per_second` and so on.
    /// - Throws: `EncodingError`.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(epoch, forKey: .epoch)
        try values.encode(step, forKey: .step)
        try values.encode(characters, forKey: .characters)
        try values.encode(seconds, forKey: .seconds)
        try values.encode(trainLoss, forKey: .trainLoss)
        // JSON has no infinity.
        try values.encode(perplexity.isFinite ? perplexity : nil, forKey: .perplexity)
        try values.encode(learningRate, forKey: .learningRate)
        try values.encode(gradientNorm, forKey: .gradientNorm)
        try values.encode(charactersPerSecond, forKey: .charactersPerSecond)
        try values.encodeIfPresent(validationLoss, forKey: .validationLoss)
    }
}
