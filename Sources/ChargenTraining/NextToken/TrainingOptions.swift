import ChargenDevice
import ChargenNN
import ChargenTensor

/// The options of a model of text and of its training. What is nil is chosen to fit the text; see ``TrainingPlan``.
///
/// If ``cell`` is nil or `mlstm`, the plan chooses every option that is nil for the lowest loss. If ``cell`` is another cell, the
/// plan chooses a plain network, which PyTorch's recurrent layers can represent: no layer normalization, no dropout.
///
/// The numbers of the optimizers, ``OptimizerSettings``, are properties of the options: `options.beta2 = 0.99`.
@dynamicMemberLookup
public struct TrainingOptions: Sendable {
    /// The order of the batches.
    public enum Batching: String, Sendable, Codable, CaseIterable {
        /// Each batch continues the one before it, and the state is carried.
        case consecutive
        /// Examples in random order, each from the zero state.
        case random
    }

    /// The recurrent cell.
    public var cell: RNNConfiguration.Cell?
    /// Units of each recurrent layer, H.
    public var hiddenSize: Int?
    /// Recurrent layers, one on top of the other, L.
    public var layers: Int?
    /// Numbers in the learned vector that stands for a character, D; nil for one-hot inputs.
    public var embeddingSize: Int?
    /// Whether the recurrent products are normalized; see ``RecurrentOptions/layerNorm``.
    public var layerNorm: Bool?
    /// The share of each recurrent layer's outputs that training drops, drawn anew for every step.
    public var dropout: Double?
    /// The share of the states that training hides from the recurrent products, the same at every step of a batch.
    public var recurrentDropout: Double?
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
    public var optimizer: OptimizerKind?
    /// The highest learning rate.
    public var learningRate: Double?
    /// The learning rate over the run.
    public var schedule: (any LearningRateSchedule)?
    /// The numbers of the optimizer.
    public var optimizerSettings = OptimizerSettings()
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
    /// The numbers of the optimizer, one by one.
    public subscript<Value>(dynamicMember path: WritableKeyPath<OptimizerSettings, Value>) -> Value {
        get { optimizerSettings[keyPath: path] }
        set { optimizerSettings[keyPath: path] = newValue }
    }

    /// Checks that every option is in its range, whatever the text.
    /// - Throws: ``TrainingError/outOfRange(option:value:allowed:)``.
    public func validate() throws {
        if let units = hiddenSize { try TrainingError.require(SizeLimits.units, "hidden", units) }
        if let layers { try TrainingError.require(SizeLimits.layers, "layers", layers) }
        if let size = embeddingSize { try TrainingError.require(SizeLimits.embedding, "embedding", size) }
        for (option, rate) in [("dropout", dropout ?? 0), ("recurrent-dropout", recurrentDropout ?? 0)] {
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

    /// The floating-point operations that a run with a time limit can take, from a short measurement of the device's speed; nil
    /// without a limit.
    /// - Throws: `BackendError`.
    func affordableOperations() throws -> Double? {
        guard let time else { return nil }
        let measured = min(0.1, time.inSeconds / 50)
        let peak = try device.peakOperations(precision, seconds: measured)
        let left = time - reserve - (startTime.map { now() - $0 } ?? .zero)
        return max(0, left.inSeconds) * peak * TrainingRecipe.efficiency
    }

    /// The options of the training loop; those that the plan settles have a valid value without a plan.
    func fitOptions(_ plan: TrainingPlan?) -> FitOptions {
        var fit = FitOptions()
        fit.epochs = plan?.epochs ?? epochs ?? fit.epochs
        fit.batchSize = plan?.batchSize ?? batchSize ?? fit.batchSize
        fit.learningRate = plan?.learningRate ?? learningRate
        fit.optimizer = plan?.optimizer ?? optimizer ?? fit.optimizer
        fit.schedule = plan?.schedule(self) ?? schedule ?? fit.schedule
        fit.optimizerSettings = optimizerSettings
        fit.optimizerSettings.weightDecay = plan?.weightDecay ?? optimizerSettings.weightDecay
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
