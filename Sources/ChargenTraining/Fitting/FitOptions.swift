import ChargenNN

/// How a ``Sequential`` is fitted.
public struct FitOptions: Sendable, Equatable {
    /// Times that the examples are gone through.
    public var epochs = 10
    /// Examples in a batch, N.
    public var batchSize = 32
    /// The rule by which parameters change.
    public var optimizer = OptimizerKind.adam
    /// How far they change, at the start; nil for 0.001 with Adam, 0.01 with plain gradient descent.
    public var learningRate: Double?
    /// How the learning rate changes over the run.
    public var schedule = ScheduleKind.constant
    /// Largest global norm of the gradient, θ; 0 for no limit.
    public var clipNorm = 0.0
    /// Whether each epoch has the examples in another order.
    public var shuffle = true
    /// Where the orders come from.
    public var seed: UInt64 = 0

    /// The defaults, to be changed one by one.
    public init() {}

    /// The defaults with other epochs and batches.
    public init(epochs: Int, batchSize: Int = 32, learningRate: Double? = nil) {
        self.epochs = epochs
        self.batchSize = batchSize
        self.learningRate = learningRate
    }

    /// - Throws: ``TrainingError/outOfRange(option:value:allowed:)``.
    func validate() throws {
        func require(_ condition: Bool, _ option: String, _ value: Any, _ allowed: String) throws {
            if !condition { throw TrainingError.outOfRange(option: option, value: "\(value)", allowed: allowed) }
        }
        try require(1...1_000_000 ~= epochs, "epochs", epochs, "1 to 1000000")
        try require(1...65_536 ~= batchSize, "batch-size", batchSize, "1 to 65536")
        if let rate = learningRate {
            try require(rate > 0 && rate <= 1000, "learning-rate", rate, "above 0, up to 1000")
        }
        try require(clipNorm >= 0 && clipNorm.isFinite, "clip-norm", clipNorm, "0 (no limit) or more")
    }
}
