import ChargenNN
import ChargenTensor

/// The training loop: batches and their loss (the objective), an optimizer, a learning rate, validation, and hooks. There
/// is one loop for texts, tokens, classifiers and ``ChargenNN/Sequential/fit(_:_:loss:options:sampleWeight:classWeight:validation:hooks:)``.
///
/// The same data, options and seed give the same parameters, bit for bit, on the same kind of processor, whatever the
/// number of threads, unless the run has a time limit.
public final class TrainingLoop {
    /// The options of the run.
    public let options: FitOptions
    /// Whether the run was stopped since the last call of ``trainEpoch(hooks:)`` or ``train(hooks:)``.
    public private(set) var isStopped = false
    package let network: Sequential
    var objective: any TrainingObjective
    let update: ParameterUpdate
    var average: AveragedWeights?
    /// The weights with the lowest validation loss so far; nil where the last ones are kept.
    let bestWeights: ParameterBuffer?
    var accumulation: GradientAccumulation?
    let length: RunLength
    /// The clock of a run with a time limit, from its first step on.
    var clock: RunClock?
    /// Seconds of exact final figures, where the clock is the measure.
    var exactSeconds = 0.0
    var goodState = GoodState()
    let precisionOfProducts: OperandPrecision
    var current: TrainingState

    /// - Throws: ``TrainingError/outOfRange(option:value:allowed:)``.
    package init(_ network: Sequential, _ objective: any TrainingObjective, options: FitOptions) throws {
        try options.validate()
        self.network = network
        self.objective = objective
        self.options = options
        let (layout, backend) = (network.layout, network.backend)
        update = options.makeUpdate(layout, on: backend)
        average = options.average > 0 ? AveragedWeights(window: options.average, layout: layout, on: backend) : nil
        bestWeights = options.keep == .best ? ParameterBuffer(layout: layout, on: backend) : nil
        accumulation = options.accumulate > 1 ? GradientAccumulation(layout: layout, on: backend) : nil
        precisionOfProducts = backend.resolve(options.precision)
        let epochs = options.time == nil ? options.epochs : nil
        length = RunLength(
            epochs: epochs, stepsPerEpoch: (objective.batchCount + options.accumulate - 1) / options.accumulate,
            measurements: options.measurements)
        current = TrainingState(
            seed: options.seed, schedule: options.schedule.name, epochs: epochs, batchCount: objective.batchCount,
            accumulate: options.accumulate)
    }

    /// Epochs of the whole run; infinite where it has a time limit.
    public var epochs: Double { current.epochs ?? .infinity }
    /// Epochs begun so far.
    public var epoch: Int { current.epoch }
    /// Optimizer steps so far.
    public var step: Int { current.step }
    /// The metrics of the last epoch, or of the last measurement within the present one.
    public var metrics: EpochMetrics? { current.metrics }
    /// The metrics of the measurement with the lowest validation loss so far. Losses are compared that were measured on the
    /// same data each time (``comparedLoss``).
    public var best: EpochMetrics? { current.best }
    /// The last validation loss, measured on the same data each time: within epochs, a part of a long validation text.
    public var comparedLoss: Double? { current.comparedLoss }
    /// How often the run went back to its last good state.
    public var recoveries: Int { current.recoveries }
    /// Whether the run is over: all epochs are done, its time is up, or a hook ended it.
    public var isFinished: Bool {
        current.batch == 0 && (current.isConcluded || length.epochs.map { current.epoch >= $0 } ?? false)
    }
    /// Numbers in all weights.
    public var parameterCount: Int { network.parameterCount }
    /// The precision of the operands of products: the option, settled for this processor.
    public var precision: Precision { precisionOfProducts == .float32 ? .float32 : .bfloat16 }
    /// A copy of the model's weights as they are now, under Keras's names: the averages where there are any.
    public var weights: [(name: String, tensor: Tensor)] { withCurrentWeights { network.weights } }

    /// Seconds spent in each part of training, the longest first; empty unless the backend counts them.
    public var profile: [(part: String, seconds: Double)] {
        (network.backend.profile?.seconds ?? [:]).map { ($0.rawValue, $1) }.sorted { $0.seconds > $1.seconds }
    }

    /// The progress of the run.
    public var progress: TrainingProgress {
        let isBetweenEpochs = epoch > 0 && current.batch == 0
        var left = current.seconds / Double(max(1, step)) * Double((length.steps ?? step) - step)
        if let clock { left = clock.secondsLeft }
        return TrainingProgress(
            epoch: max(1, epoch), epochs: epochs, step: isBetweenEpochs ? length.steps(in: epoch) : epochStep,
            stepsPerEpoch: length.stepsPerEpoch, loss: current.totals.loss,
            charactersPerSecond: Double(current.predictions) / max(current.seconds, 1e-9),
            secondsLeft: isFinished ? 0 : left, share: isFinished ? 1 : share)
    }

    /// Ends the training after the step that is running. The next call goes on from there.
    public func stop() { isStopped = true }

    /// Ends the run after the step that is running, as if this had been planned: with exact validation.
    public func finish() { current.isEnding = true }

    /// Trains all epochs that are left, unless a hook stops it.
    /// - Throws: ``TrainingError/diverged(epoch:step:learningRate:)`` and what a hook throws; `CancellationError` after a
    ///   step, where the current task is cancelled. The next call goes on from there.
    public func train(hooks: [any TrainingHook] = []) throws {
        repeat {
            guard !isFinished else { return }
            try trainEpoch(hooks: hooks)
        } while !isStopped
    }

    /// Trains until the end of the epoch, or of the run, unless a hook stops it.
    /// - Returns: the metrics of the epoch, or of its part that was done.
    /// - Throws: ``TrainingError/diverged(epoch:step:learningRate:)``, whereupon the parameters are those of the last good
    ///   state; what a hook throws; `CancellationError` where the current task is cancelled. The next call goes on from there.
    @discardableResult
    public func trainEpoch(hooks: [any TrainingHook] = []) throws -> EpochMetrics {
        isStopped = false
        startClock()
        if current.batch == 0 { startEpoch() }
        // No step is left where a hook threw, or a state was taken, after the last one.
        while !isStopped && !isAtEnd {
            try takeStep(hooks)
            for hook in hooks { try hook.stepFinished(self) }
            if !isStopped && !isAtEnd && isMeasurementDue {
                let metrics = try measure(isEpochEnd: false, hooks)
                for hook in hooks { try hook.measurementFinished(self, metrics) }
            }
        }
        var metrics = try measure(isEpochEnd: true, hooks)
        for hook in hooks { try hook.epochFinished(self, metrics) }
        // A hook that ends the run after an epoch ends it here.
        if current.isEnding && !current.isConcluded && !isStopped && current.batch == 0 { try conclude(&metrics, hooks) }
        return metrics
    }

    /// Whether the epoch, or the run, has no step left.
    var isAtEnd: Bool { epochStep >= length.steps(in: epoch) || current.isEnding && current.batch > 0 }

    /// Whether the run has no step left, at the end of an epoch or within it.
    var isAtRunEnd: Bool { isAtEnd && (current.isEnding || epoch == length.epochs) }

    /// Optimizer steps of the epoch so far.
    var epochStep: Int { (current.batch + options.accumulate - 1) / options.accumulate }

    /// The share of the run that is over, from 0 to 1.
    var share: Double {
        guard let steps = length.steps else { return current.share }
        return min(1, Double(step) / Double(steps))
    }

    /// Puts the batches of the current epoch in the order that follows from the seed and the epoch.
    func orderBatches() {
        // The weights are drawn from stream 0 of the seed, the order of batches from stream 1, dropouts from the others.
        var random = RandomSource(seed: options.seed &+ UInt64(epoch - 1) &* 0x9E37_79B9_7F4A_7C15, stream: 1)
        objective.startEpoch(using: &random)
    }

    /// Begins the next epoch.
    func startEpoch() {
        current.epoch += 1
        current.totals = LossTotals()
        current.recent = .init()
        (current.norms, current.epochSeconds) = (0, 0)
        if current.isConcluded {
            // An epoch more than was planned goes on from the trained model.
            (current.isConcluded, current.isEnding, current.averageWeight) = (false, false, 0)
        }
        orderBatches()
    }

    private func startClock() {
        guard clock == nil, let time = options.time else { return }
        clock = RunClock(
            limit: time, start: options.startTime, reserve: options.reserve, share: current.share, now: options.now)
    }
}
