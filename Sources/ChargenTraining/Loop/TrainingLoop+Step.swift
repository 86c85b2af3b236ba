import ChargenNN
import ChargenTensor

// MARK: - Steps

extension TrainingLoop {
    /// Takes the next optimizer step; goes back to the last good state where the loss is not finite or explodes.
    func takeStep(_ hooks: [any TrainingHook]) throws {
        let start = options.now(), number = step
        do {
            while step == number {
                try Task.checkCancellation()
                keepGoodState()
                if let clock { current.share = max(current.share, clock.share) }
                do {
                    let loss = try learn()
                    if current.watch.hasExploded(after: loss, guessing: objective.guessingLoss) {
                        try recover(number + 1, hooks)
                    }
                } catch is SkippedStep {
                    try recover(number + 1, hooks)
                }
            }
        } catch {
            // An epoch whose first step failed, or was cancelled, has not begun.
            if current.batch == 0 { current.epoch -= 1 }
            throw error
        }
        let seconds = (options.now() - start).inSeconds
        current.seconds += seconds
        current.epochSeconds += seconds
        current.recent.seconds += seconds
        clock?.finishedStep(seconds)
        // At least one step is taken, however short the time.
        if clock?.isOver == true { current.isEnding = true }
    }

    /// A step whose loss or gradient is not finite: nothing was changed.
    private struct SkippedStep: Error {}

    /// One step: forward and backward passes of its batches, clipping, update.
    /// - Returns: the mean loss.
    private func learn() throws -> Double {
        let backend = network.backend, batches = current.batch..<min(current.batch + options.accumulate, objective.batchCount)
        let rate = learningRate(at: step)
        var totals = LossTotals(), gradients = network.gradients, norm = 0.0
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
                guard part.sum < limit else { throw SkippedStep() }
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
            guard !sums.isSkipped else { throw SkippedStep() }
            totals += loss.totals(sums)
            norm = sums.gradientNorm
        }
        network.parametersChanged()
        let whole = expectedSteps
        average?.add(network.parameters, weight: &current.averageWeight, of: whole, on: backend)
        current.batch = batches.upperBound
        current.step += 1
        current.predictions += totals.count
        current.totals += totals
        current.norms += norm
        current.recent.totals += totals
        current.recent.norms += norm
        current.recent.steps += 1
        return totals.loss
    }

    /// Steps of the whole run, as far as can be told.
    private var expectedSteps: Double {
        length.steps.map { Double($0) } ?? Double(step + 1) / max(current.share, 0.01)
    }

    /// The learning rate at a step, from 0, or at the present time.
    func learningRate(at step: Int) -> Double {
        // A run by the clock has as many steps for its schedule as tell any two moments apart.
        let whole = 1_000_000
        let losses = current.validationLosses
        let factor = length.steps.map { options.schedule.factor(step: step, of: $0, validationLosses: losses) }
            ?? options.schedule.factor(
                step: Int(current.share * Double(whole - 1)), of: whole, validationLosses: losses)
        return options.firstRate * factor * recoveryFactor
    }

    private var recoveryFactor: Double { (0..<current.recoveries).reduce(1) { factor, _ in factor / 2 } }
}

// MARK: - Recovery

extension TrainingLoop {
    /// What a step changes, but for carried states.
    private var changedBuffers: [ParameterBuffer] {
        [network.parameters] + (average.map { [$0.buffer] } ?? []) + update.slots.map(\.buffer)
    }

    /// Recurrent states that one batch hands to the next: those of the objective, or those of stateful layers.
    var carriedStates: [BatchState] {
        get { objective.carriedStates + network.carriedStates }
        set {
            if objective.carriedBatchSize != nil {
                objective.carriedStates = newValue
            } else {
                network.carriedStates = newValue
            }
        }
    }

    /// Keeps the present state where that is due.
    private func keepGoodState() {
        guard options.recoveries > 0, goodState.isDue(at: step), current.watch.isHealthy else { return }
        goodState.keep(
            changedBuffers, objective.carriedStates, averageWeight: current.averageWeight, step: step, on: network.backend)
    }

    /// Goes back to the last good state, with half the learning rate. The position in the data stays, and stateful layers start
    /// from zero.
    /// - Parameter failed: the step that failed.
    /// - Throws: ``TrainingError/diverged(epoch:step:learningRate:)`` where the run has gone back often enough; what a hook
    ///   throws.
    func recover(_ failed: Int, _ hooks: [any TrainingHook]) throws {
        let error = TrainingError.diverged(epoch: epoch, step: failed, learningRate: learningRate(at: failed - 1))
        guard let good = goodState.step else { throw error }
        let kept = goodState.restore(changedBuffers, on: network.backend)
        network.parametersChanged()
        carriedStates = kept.states
        current.averageWeight = kept.averageWeight
        current.watch.reset()
        guard current.recoveries < options.recoveries else { throw error }
        current.recoveries += 1
        let recovery = Recovery(
            step: failed, goodStep: good, learningRateFactor: recoveryFactor, number: current.recoveries,
            limit: options.recoveries)
        for hook in hooks { try hook.recovered(self, recovery) }
    }
}
