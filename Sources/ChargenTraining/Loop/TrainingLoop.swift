import ChargenNN
import ChargenTensor

/// The training loop: batches and their loss (the objective), an optimizer, a learning rate, validation, and hooks. There
/// is one loop for texts, tokens, classifiers and ``ChargenNN/Sequential/fit(_:_:loss:options:sampleWeight:classWeight:validation:hooks:)``.
///
/// The same data, options and seed give the same parameters, bit for bit, on the same kind of processor, whatever the
/// number of threads.
public final class TrainingLoop {
    /// The options of the run.
    public let options: FitOptions
    /// Whether the run was stopped since the last call of ``trainEpoch(hooks:)`` or ``train(hooks:)``.
    public private(set) var isStopped = false
    package let network: Sequential
    private var objective: any TrainingObjective
    private let update: ParameterUpdate
    private var average: AveragedWeights?
    private var accumulation: GradientAccumulation?
    private let precisionOfProducts: OperandPrecision
    private var current: TrainingState

    /// - Throws: ``TrainingError/outOfRange(option:value:allowed:)``.
    package init(_ network: Sequential, _ objective: any TrainingObjective, options: FitOptions) throws {
        try options.validate()
        self.network = network
        self.objective = objective
        self.options = options
        update = options.makeUpdate(network.layout, on: network.backend)
        if options.average > 0 {
            average = AveragedWeights(window: options.average, layout: network.layout, on: network.backend)
        }
        if options.accumulate > 1 {
            accumulation = GradientAccumulation(layout: network.layout, on: network.backend)
        }
        precisionOfProducts = network.backend.resolve(options.precision)
        current = TrainingState(
            seed: options.seed, schedule: options.schedule.name, epochs: options.epochs,
            batchCount: objective.batchCount)
    }

    /// Epochs of the whole run.
    public var epochs: Int { options.epochs }
    /// Epochs begun so far.
    public var epoch: Int { current.epoch }
    /// Optimizer steps so far.
    public var step: Int { current.step }
    /// The metrics of the last epoch.
    public var metrics: EpochMetrics? { current.metrics }
    /// The metrics of the epoch with the lowest validation loss so far.
    public var best: EpochMetrics? { current.best }
    /// Whether all epochs are done.
    public var isFinished: Bool { current.epoch >= epochs && current.batch == 0 }
    /// Numbers in all weights.
    public var parameterCount: Int { network.parameterCount }
    /// The precision of the operands of products: the option, settled for this processor.
    public var precision: Precision { precisionOfProducts == .float32 ? .float32 : .bfloat16 }
    /// A copy of the model's weights as they are now, under Keras's names: the averages where there are any.
    public var weights: [(name: String, tensor: Tensor)] { withModelWeights { network.weights } }

    /// The parameters of the model as it is now: the averages where there are any, else those that are trained.
    package var modelParameters: ParameterBuffer {
        if let average, current.averageWeight > 0 { average.buffer } else { network.parameters }
    }

    /// Seconds spent in each part of training, the longest first; empty unless the backend counts them.
    public var profile: [(part: String, seconds: Double)] {
        (network.backend.profile?.seconds ?? [:]).map { ($0.rawValue, $1) }.sorted { $0.seconds > $1.seconds }
    }

    /// The progress of the run.
    public var progress: TrainingProgress {
        let isBetweenEpochs = epoch > 0 && current.batch == 0
        return TrainingProgress(
            epoch: max(1, epoch), epochs: epochs, step: isBetweenEpochs ? stepsPerEpoch : epochStep,
            stepsPerEpoch: stepsPerEpoch, loss: current.totals.loss,
            charactersPerSecond: Double(current.predictions) / max(current.seconds, 1e-9),
            secondsLeft: current.seconds / Double(max(1, step)) * Double(epochs * stepsPerEpoch - step))
    }

    /// Ends the training after the step that is running. The next call goes on from there.
    public func stop() { isStopped = true }

    /// Trains all epochs that are left, unless a hook stops it.
    /// - Throws: ``TrainingError/diverged(epoch:step:learningRate:)`` and what a hook throws; `CancellationError` after a
    ///   step, where the current task is cancelled. The next call goes on from there.
    public func train(hooks: [any TrainingHook] = []) throws {
        repeat {
            guard !isFinished else { return }
            try trainEpoch(hooks: hooks)
        } while !isStopped
    }

    /// Trains until the end of the epoch, unless a hook stops it.
    /// - Returns: the metrics of the epoch, or of its part that was done.
    /// - Throws: ``TrainingError/diverged(epoch:step:learningRate:)``, whereupon the parameters are those before the step;
    ///   what a hook throws; `CancellationError` where the current task is cancelled. The next call goes on from there.
    @discardableResult
    public func trainEpoch(hooks: [any TrainingHook] = []) throws -> EpochMetrics {
        isStopped = false
        if current.batch == 0 { startEpoch() }
        // No step is left where a hook threw, or a state was taken, after the last one.
        while !isStopped && current.batch < objective.batchCount {
            let start = ContinuousClock.now
            do {
                try Task.checkCancellation()
                try learn()
            } catch {
                // An epoch whose first step failed, or was cancelled, has not begun.
                if current.batch == 0 { current.epoch -= 1 }
                throw error
            }
            let seconds = (ContinuousClock.now - start).inSeconds
            current.seconds += seconds
            current.epochSeconds += seconds
            for hook in hooks { try hook.stepFinished(self) }
        }

        let isComplete = current.batch == objective.batchCount
        var metrics = EpochMetrics(
            epoch: epoch, step: step, characters: current.predictions, seconds: current.seconds,
            trainLoss: current.totals.loss, accuracy: current.totals.accuracy, learningRate: learningRate(step: step - 1),
            gradientNorm: current.norms / Double(epochStep),
            charactersPerSecond: Double(current.totals.count) / max(current.epochSeconds, 1e-9), isComplete: isComplete)
        current.metrics = metrics
        if isComplete {
            current.batch = 0
            do {
                if !isStopped { try validate(&metrics, hooks) }
            } catch let error as CancellationError {
                // The next call has no step left, and validates.
                current.batch = objective.batchCount
                throw error
            }
        }
        for hook in hooks { try hook.epochFinished(self, metrics) }
        return metrics
    }

    /// Runs `body` while the network computes with the weights of the model as it is now.
    private func withModelWeights<Result>(_ body: () throws -> Result) rethrows -> Result {
        guard average != nil, current.averageWeight > 0 else { return try body() }
        network.exchangeParameters(with: &average!.buffer)
        defer { network.exchangeParameters(with: &average!.buffer) }
        return try body()
    }

    /// Gives the network the weights of the model for good, at the end of the run.
    func adoptModelWeights() {
        guard let average, current.averageWeight > 0 else { return }
        network.backend.copy(average.buffer.flat, into: network.parameters.flat)
        network.parametersChanged()
    }

    private func startEpoch() {
        current.epoch += 1
        current.totals = LossTotals()
        (current.norms, current.epochSeconds) = (0, 0)
        orderBatches()
    }

    /// Puts the batches of the current epoch in the order that follows from the seed and the epoch.
    private func orderBatches() {
        // The weights are drawn from stream 0 of the seed, the order of batches from stream 1, dropouts from the others.
        var random = RandomSource(seed: options.seed &+ UInt64(epoch - 1) &* 0x9E37_79B9_7F4A_7C15, stream: 1)
        objective.startEpoch(using: &random)
    }

    /// One step: forward and backward passes of its batches, clipping, update.
    private func learn() throws {
        let backend = network.backend, batches = current.batch..<min(current.batch + options.accumulate, objective.batchCount)
        let rate = learningRate(step: step)
        var totals = LossTotals(), gradients = network.gradients
        accumulation?.reset()
        for batch in batches {
            // Each batch has a random stream of its own: what is dropped does not depend on what was drawn before.
            let stream = 2 &+ UInt64((epoch - 1) * objective.batchCount + batch)
            let loss = try objective.learn(
                batch, network, random: RandomSource(seed: options.seed, stream: stream), precision: precisionOfProducts)
            let limit = objective.lossLimit * Double(max(loss.count, 1))
            if batches.count > 1 {
                accumulation?.add(network.gradients, of: loss.count, on: backend)
                gradients = accumulation?.gradients ?? gradients
            }
            guard batch == batches.upperBound - 1 else {
                // This waits for the batch, as each step does: the next batch needs the memory of its sums.
                let part = loss.totals
                guard part.sum < limit else { throw diverged(rate) }
                totals += part
                continue
            }
            backend.measure(.optimizer) {
                update.apply(
                    gradients, loss.sums, lossLimit: limit, to: network.parameters, number: step + 1, learningRate: rate,
                    on: backend)
            }
            // Everything was started; this waits for its result, once for each step.
            let sums = loss.sums.read()
            guard !sums.isSkipped else { throw diverged(rate) }
            totals += loss.totals(sums)
            current.norms += sums.gradientNorm
        }
        network.parametersChanged()
        average?.add(
            network.parameters, weight: &current.averageWeight, of: Double(epochs * stepsPerEpoch), on: backend)
        current.batch = batches.upperBound
        current.step += 1
        current.predictions += totals.count
        current.totals += totals
    }

    private func diverged(_ rate: Double) -> TrainingError {
        TrainingError.diverged(epoch: epoch, step: step + 1, learningRate: rate)
    }

    /// Optimizer steps of a whole epoch.
    private var stepsPerEpoch: Int { (objective.batchCount + options.accumulate - 1) / options.accumulate }
    /// Optimizer steps of the epoch so far.
    private var epochStep: Int { (current.batch + options.accumulate - 1) / options.accumulate }

    private func learningRate(step: Int) -> Double {
        options.firstRate * options.schedule.factor(
            step: step, of: epochs * stepsPerEpoch, validationLosses: current.validationLosses)
    }

    /// Measures the validation data, where there is any. A loss that is not finite is divergence.
    private func validate(_ metrics: inout EpochMetrics, _ hooks: [any TrainingHook]) throws {
        let isLast = epoch == epochs
        let totals = try withModelWeights {
            try objective.validate(network, precision: precisionOfProducts, isExact: isLast)
        }
        guard let totals else { return }
        guard totals.loss.isFinite else {
            throw TrainingError.diverged(epoch: epoch, step: step, learningRate: metrics.learningRate)
        }
        metrics.validationLoss = totals.loss
        metrics.validationAccuracy = totals.accuracy
        metrics.validationIsExact = isLast
        current.metrics = metrics
        current.validationLosses.append(totals.loss)
        if totals.loss < current.best?.validationLoss ?? .infinity { current.best = metrics }
        for hook in hooks { try hook.validationFinished(self, totals) }
    }
}

// MARK: - Resuming

extension TrainingLoop {
    /// All buffers of the state, by the names of their tensors.
    private var buffers: [(name: String, buffer: ParameterBuffer)] {
        [("parameter", network.parameters)] + (average.map { [("average", $0.buffer)] } ?? []) + update.slots
    }

    /// Everything that another loop with the same data and options needs in order to go on from here.
    public var state: TrainingState {
        var state = current
        state.tensors = [:]
        for (name, buffer) in buffers { state.store(buffer, as: name) }
        state.carriedStates = (objective.carriedStates + network.carriedStates).map(\.layerState)
        return state
    }

    /// Goes on from a state that a loop with the same data and options gave.
    /// - Throws: ``TrainingError/otherState(reason:)``; nothing is changed then.
    public func restore(_ state: TrainingState) throws {
        for (what, found, expected) in [
            ("seed", "\(state.seed)", "\(options.seed)"), ("schedule", state.schedule, options.schedule.name),
            ("number of epochs", "\(state.epochs)", "\(epochs)"),
            ("number of batches", "\(state.batchCount)", "\(objective.batchCount)"),
        ] where found != expected {
            throw TrainingError.otherState(reason: "its \(what) is \(found), not \(expected)")
        }
        guard 0...epochs ~= state.epoch, 0...objective.batchCount ~= state.batch, state.batch == 0 || state.epoch > 0
        else {
            throw TrainingError.otherState(
                reason: "it is at batch \(state.batch) of \(objective.batchCount) of epoch \(state.epoch) of \(epochs)")
        }
        for (name, buffer) in buffers { try state.check(buffer.layout, as: name) }
        if state.batch > 0, let size = objective.carriedBatchSize {
            try state.checkCarriedStates(of: network, batchSize: size)
        }
        for (name, buffer) in buffers { state.read(into: buffer, as: name) }
        network.parametersChanged()
        current = state
        current.tensors = [:]
        if state.batch > 0 { orderBatches() }
        // Either the objective carries states, or stateful layers do.
        let carried = state.carriedStates.map { BatchState($0, on: network.backend) }
        if objective.carriedBatchSize != nil { objective.carriedStates = carried } else { network.carriedStates = carried }
    }
}
