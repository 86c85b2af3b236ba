import ChargenDevice
import ChargenNN
import ChargenTensor

/// The options of a model of text and of its training. What is nil is chosen to fit the text; see ``TrainingPlan``.
public struct TrainingOptions: Sendable {
    /// The order of the batches.
    public enum Batching: String, Sendable, Codable, CaseIterable {
        /// Each batch continues the one before it, and the state is carried.
        case consecutive
        /// Examples in random order, each from the zero state.
        case random
    }

    /// The recurrent cell.
    public var cell = RNNConfiguration.Cell.lstm
    /// Units of each recurrent layer, H.
    public var hiddenSize = 256
    /// Recurrent layers, one on top of the other, L.
    public var layers = 1
    /// Numbers in the learned vector that stands for a character, D; nil for one-hot inputs.
    public var embeddingSize: Int?
    /// The share of each recurrent layer's outputs that training drops, drawn anew for every step.
    public var dropout = 0.0
    /// The share of the states that training hides from the recurrent products, the same at every step of a batch.
    public var recurrentDropout = 0.0
    /// Sequences side by side, N.
    public var batchSize: Int?
    /// Time steps that are learned from at once, T.
    public var steps: Int?
    /// The order of the batches.
    public var batching = Batching.consecutive
    /// Whether each epoch begins at another place of the text, drawn anew, so that no two epochs have the same batches.
    public var offset = false
    /// How far the number of steps of each consecutive batch may be from T, as a share of T, drawn anew in each epoch.
    public var jitter = 0.0
    /// Batches whose gradients make one optimizer step: as one batch of N times as many sequences, in the memory of one.
    public var accumulate = 1
    /// Passes over the text; with a fraction, the last one ends early.
    public var epochs: Double?
    /// The time that the run may take, instead of a number of epochs: the learning rate follows the clock, so that a run cannot
    /// be repeated byte for byte.
    public var time: Duration?
    /// The moment from which ``time`` counts; nil for the first step.
    public var startTime: ContinuousClock.Instant?
    /// The part of ``time`` that the caller needs after the training, to save the model for instance.
    public var reserve = Duration.zero
    /// Which weights the trained model has.
    public var keep = KeptWeights.last
    /// How often the run may go back to its last good state, with half the learning rate, before it ends with an error.
    public var recoveries = 3
    /// The rule by which parameters change.
    public var optimizer = OptimizerKind.adam
    /// The first learning rate; nil for one that suits the optimizer.
    public var learningRate: Double?
    /// The learning rate over the run.
    public var schedule: any LearningRateSchedule = CosineSchedule()
    /// The weight decay of `adamw`, as a share of the learning rate.
    public var weightDecay = 0.01
    /// The momentum of `sgd`.
    public var momentum = 0.0
    /// Largest global norm of the gradient, θ; 0 for no limit.
    public var clipNorm = 1.0
    /// Largest magnitude of each number of the gradient, after clipping by norm; nil for no limit.
    public var clipValue: Double?
    /// The window of the exponential moving average of the weights, as a share of the run's steps, such as 0.02; 0 for no
    /// average. Validation and the trained model then take the averaged weights.
    public var average = 0.0
    /// Share of the text, at its end, that is held out for validation.
    public var validation: Double?
    /// Share of the text, at its very end behind the validation part, that is held out for a test: its loss is measured once,
    /// at the end of the run.
    public var test = 0.0
    /// The clock; tests hand in another one.
    package var now: @Sendable () -> ContinuousClock.Instant = { .now }
    /// The seed of all random numbers.
    public var seed: UInt64 = 0
    /// The precision of the operands of products.
    public var precision = Precision.automatic
    /// The device that the model is trained on.
    public var device = Device.default

    /// The defaults, to be changed one by one.
    public init() {}
}

extension TrainingOptions {
    /// Checks that every option is in its range, whatever the text.
    /// - Throws: ``TrainingError/outOfRange(option:value:allowed:)``.
    public func validate() throws {
        try TrainingError.require(SizeLimits.units, "hidden", hiddenSize)
        try TrainingError.require(SizeLimits.layers, "layers", layers)
        if let size = embeddingSize { try TrainingError.require(SizeLimits.embedding, "embedding", size) }
        for (option, rate) in [("dropout", dropout), ("recurrent-dropout", recurrentDropout)] {
            try TrainingError.require(rate >= 0 && rate <= 0.95, option, rate, "0 to 0.95")
        }
        if let steps { try TrainingError.require(1...65_536, "steps", steps) }
        if let share = validation {
            try TrainingError.require(share >= 0 && share <= 0.9, "validation", share, "0 to 0.9")
        }
        try TrainingError.require(test >= 0 && test <= 0.9, "test", test, "0 to 0.9")
        try TrainingError.require(
            test + (validation ?? 0) <= 0.95, "test", test, "a share that leaves a twentieth of the text for training")
        try TrainingError.require(jitter >= 0 && jitter <= 0.9, "jitter", jitter, "0 to 0.9")
        try fitOptions(nil).validate()
    }

    /// The options of the training loop; those that the plan settles have a valid value without a plan.
    func fitOptions(_ plan: TrainingPlan?) -> FitOptions {
        var fit = FitOptions()
        fit.epochs = plan?.epochs ?? epochs ?? fit.epochs
        fit.batchSize = plan?.batchSize ?? batchSize ?? fit.batchSize
        fit.learningRate = plan?.learningRate ?? learningRate
        fit.optimizer = optimizer
        fit.schedule = schedule
        fit.weightDecay = weightDecay
        fit.momentum = momentum
        fit.clipNorm = clipNorm
        fit.clipValue = clipValue
        fit.time = time
        fit.startTime = startTime
        fit.reserve = reserve
        fit.keep = keep
        fit.recoveries = recoveries
        fit.now = now
        fit.accumulate = accumulate
        fit.average = average
        fit.seed = seed
        fit.precision = precision
        return fit
    }
}
