import ChargenNN
import ChargenTensor

/// The options of a training run, whatever is trained.
///
/// The numbers of the optimizers, ``OptimizerSettings``, are properties of the options: `options.beta2 = 0.99`.
@dynamicMemberLookup
public struct FitOptions: Sendable {
    /// Passes over the data; with a fraction, the last one ends early. Where there is a time limit, it counts instead.
    public var epochs = 10.0
    /// The time that the run may take; nil for as long as the epochs take. The learning rate then follows the clock, so that a
    /// run cannot be repeated byte for byte.
    public var time: Duration?
    /// The moment from which ``time`` counts; nil for the first step.
    public var startTime: ContinuousClock.Instant?
    /// The part of ``time`` that the caller needs after the training, to save the model for instance.
    public var reserve = Duration.zero
    /// How often the run is measured at least, within epochs too, where it has as many steps.
    public var measurements = 50
    /// The weights that the trained model gets: the last ones, or those with the lowest validation loss.
    public var keep = KeptWeights.last
    /// How often the run may go back to its last good state, with half the learning rate, where its loss is not finite or
    /// explodes, before it ends with ``TrainingError/diverged(epoch:step:learningRate:)``.
    public var recoveries = 3
    /// The clock; tests hand in another one.
    package var now: @Sendable () -> ContinuousClock.Instant = { .now }
    /// Examples in a batch, N.
    public var batchSize = 32
    /// Batches whose gradients make one optimizer step; the last step of an epoch may have fewer.
    public var accumulate = 1
    /// The rule by which parameters change.
    public var optimizer = OptimizerKind.adam
    /// The first learning rate; nil for 0.001 with Adam, 0.01 with gradient descent.
    public var learningRate: Double?
    /// The learning rate over the run.
    public var schedule: any LearningRateSchedule = ConstantSchedule()
    /// The numbers of the optimizer.
    public var optimizerSettings = OptimizerSettings()
    /// Largest global norm of the gradient, θ; 0 for no limit.
    public var clipNorm = 0.0
    /// Largest magnitude of each number of the gradient, after clipping by norm; nil for no limit.
    public var clipValue: Double?
    /// The window of the exponential moving average of the weights, as a share of the run's steps, such as 0.02; 0 for no
    /// average. Validation and the trained model then take the averaged weights.
    public var average = 0.0
    /// Whether each epoch reads the examples in another order.
    public var shuffle = true
    /// The seed of all random numbers of the run.
    public var seed: UInt64 = 0
    /// The precision of the operands of products.
    public var precision = Precision.automatic

    /// The defaults, to be changed one by one.
    public init() {}

    /// The defaults with other epochs and batches.
    public init(epochs: Double, batchSize: Int = 32, learningRate: Double? = nil) {
        self.epochs = epochs
        self.batchSize = batchSize
        self.learningRate = learningRate
    }

    /// The numbers of the optimizer, one by one.
    public subscript<Value>(dynamicMember path: WritableKeyPath<OptimizerSettings, Value>) -> Value {
        get { optimizerSettings[keyPath: path] }
        set { optimizerSettings[keyPath: path] = newValue }
    }

    /// Checks that every option is in its range.
    /// - Throws: ``TrainingError/outOfRange(option:value:allowed:)``.
    public func validate() throws {
        func require(_ condition: Bool, _ option: String, _ value: Any, _ allowed: String) throws {
            try TrainingError.require(condition, option, value, allowed)
        }
        try require(epochs > 0 && epochs <= 1_000_000, "epochs", epochs, "above 0, up to 1000000")
        if let time {
            try require(time > .zero && time <= .seconds(31_536_000), "time", time, "above 0 seconds, up to a year")
        }
        try TrainingError.require(1...1_000_000, "measurements", measurements)
        try TrainingError.require(0...100, "recoveries", recoveries)
        try TrainingError.require(1...65_536, "batch-size", batchSize)
        try TrainingError.require(1...65_536, "accumulate", accumulate)
        if let rate = learningRate {
            try require(rate > 0 && rate <= 1000, "learning-rate", rate, "above 0, up to 1000")
        }
        let numbers = optimizerSettings
        if let decay = numbers.weightDecay { try require(decay >= 0 && decay <= 1, "weight-decay", decay, "0 to 1") }
        for (option, value) in [
            ("beta1", numbers.beta1), ("beta2", numbers.beta2), ("rho", numbers.rho), ("momentum", numbers.momentum),
        ] {
            try require(value >= 0 && value < 1, option, value, "0 or more and less than 1")
        }
        if let epsilon = numbers.epsilon { try require(epsilon > 0 && epsilon <= 1, "epsilon", epsilon, "above 0, up to 1") }
        try require(
            numbers.initialAccumulator >= 0 && numbers.initialAccumulator.isFinite, "initial-accumulator",
            numbers.initialAccumulator, "0 or more")
        try require(clipNorm >= 0 && clipNorm.isFinite, "clip-norm", clipNorm, "0 (no limit) or more")
        try require(average >= 0 && average <= 1, "average", average, "0 (no average) to 1")
        if let value = clipValue {
            try require(value > 0 && value.isFinite, "clip-value", value, "a number above 0")
        }
    }

    /// The first learning rate.
    var firstRate: Double { learningRate ?? (optimizer == .sgd ? 1e-2 : 1e-3) }

    /// What changes the parameters of a layout.
    func makeUpdate(_ layout: ParameterLayout, on backend: any Backend) -> ParameterUpdate {
        ParameterUpdate(
            optimizer.optimizer(optimizerSettings),
            clipping: GradientClipping(norm: clipNorm == 0 ? nil : clipNorm, value: clipValue), layout: layout,
            on: backend)
    }
}
