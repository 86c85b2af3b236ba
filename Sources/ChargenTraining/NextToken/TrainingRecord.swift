import ChargenTensor

/// A record of a model's training, kept in the model file: what the model was trained on, how, and with which result. It
/// holds no times, so that the same training gives the same bytes.
public struct TrainingRecord: Sendable, Equatable, Codable {
    /// Characters of the training text.
    public var corpusCharacters: Int
    /// Characters that were held out for validation.
    public var validationCharacters: Int
    /// Epochs that were begun and, unless the run was stopped, finished.
    public var epochs: Int
    /// Optimizer steps.
    public var steps: Int
    /// Mean loss of the last epoch in nats per character; nil before the first.
    public var trainLoss: Double?
    /// Exact loss of the held-out characters after the last epoch of the run; nil where there are none, or before that.
    public var validationLoss: Double?
    /// Sequences side by side, N.
    public var batchSize: Int
    /// Time steps, T.
    public var sequenceLength: Int
    /// The order of the batches.
    public var batching: TrainingOptions.Batching
    /// The optimizer.
    public var optimizer: OptimizerKind
    /// The first learning rate.
    public var learningRate: Double
    /// The name of the learning rate's schedule.
    public var schedule: String
    /// Largest global norm of the gradient; 0 for no limit.
    public var clipNorm: Double
    /// Largest magnitude of each number of the gradient.
    public var clipValue: Double?
    /// The seed of all random numbers.
    public var seed: UInt64
    /// The precision of the operands of products; nil in files of versions that knew float32 only.
    public var precision: Precision?
    /// The dropout of outputs; nil for none.
    public var dropout: Double?
    /// The dropout of states; nil for none.
    public var recurrentDropout: Double?
}
