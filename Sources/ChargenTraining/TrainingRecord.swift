import ChargenTensor

/// What a model was trained on and how far: kept with the model. It holds no times, so that the same training gives the
/// same bytes.
public struct TrainingRecord: Sendable, Equatable, Codable {
    /// Characters of the text that were learned from.
    public var corpusCharacters: Int
    /// Characters that were kept aside.
    public var validationCharacters: Int
    /// Epochs begun and, unless the run was stopped, finished.
    public var epochs: Int
    /// Optimizer steps taken.
    public var steps: Int
    /// Mean loss of the last epoch in nats per character; nil before the first.
    public var trainLoss: Double?
    /// Loss of the characters kept aside after the last epoch, where there are any.
    public var validationLoss: Double?
    /// Sequences side by side, N.
    public var batchSize: Int
    /// Time steps, T.
    public var sequenceLength: Int
    /// How batches followed each other.
    public var batching: TrainingOptions.Batching
    /// The rule by which parameters changed.
    public var optimizer: OptimizerKind
    /// The learning rate at the start.
    public var learningRate: Double
    /// How it changed.
    public var schedule: ScheduleKind
    /// Largest global norm of the gradient; 0 for no limit.
    public var clipNorm: Double
    /// Largest magnitude of each number of the gradient.
    public var clipValue: Double?
    /// Where all random numbers came from.
    public var seed: UInt64
    /// What products read; nil in files of versions that knew float32 only.
    public var precision: Precision?
    /// The share of outputs that was dropped; nil for none.
    public var dropout: Double?
    /// The share of states that was dropped; nil for none.
    public var recurrentDropout: Double?

    private enum CodingKeys: String, CodingKey {
        case corpusCharacters = "corpus_characters"
        case validationCharacters = "validation_characters"
        case epochs, steps
        case trainLoss = "train_loss"
        case validationLoss = "validation_loss"
        case batchSize = "batch_size"
        case sequenceLength = "sequence_length"
        case batching, optimizer
        case learningRate = "learning_rate"
        case schedule
        case clipNorm = "clip_norm"
        case clipValue = "clip_value"
        case seed, precision, dropout
        case recurrentDropout = "recurrent_dropout"
    }
}
