import ChargenNN
import ChargenTensor

/// What a training run will need: memory, and time on this machine.
///
///     let need = try trainer.estimate()
///     print(need.memory.peak, need.seconds)
public struct RunEstimate: Sendable, Equatable {
    /// The memory, by what it is for.
    public let memory: MemoryEstimate
    /// Characters (tokens) that the training learns from in a second, as measured.
    public let charactersPerSecond: Double
    /// Passes over the training text; where the run has a time limit, as many as fit.
    public let epochs: Double
    /// Seconds of the steps.
    public let trainingSeconds: Double
    /// Seconds of reading held-out text during the run and at its end.
    public let readingSeconds: Double
    /// Seconds of counting n-grams.
    public let countingSeconds: Double

    /// Seconds of the run, without reading the text and saving the model.
    public var seconds: Double { trainingSeconds + readingSeconds + countingSeconds }
}

extension TokenTrainer {
    /// Estimates the memory and the time that the run will need.
    ///
    /// The time follows from a measurement: steps of the run are taken for about `seconds`, and then undone, so that the trainer
    /// is as it was before. Call it before the training.
    /// - Parameters:
    ///   - countsBaseline: whether the run computes its baseline.
    ///   - seconds: the length of the measurement; at least two steps are taken.
    /// - Throws: ``TrainingError/diverged(epoch:step:learningRate:)``; `CancellationError` where the current task is cancelled.
    public func estimate(countsBaseline: Bool = true, seconds: Double = 1) throws -> RunEstimate {
        let speed = try loop.measureSpeed(seconds: seconds), epoch = Double(loop.objective.trainingCount)
        let counting = countsBaseline && !split.heldOut.isEmpty ? countingExtent.seconds : 0
        let held = Double(loop.objective.validationCount + loop.objective.testCount)
        // A run with a time limit reads exactly only where that is a small part of its time.
        let isExact = options.time.map { held / speed.exact <= TrainingLoop.exactShare * $0.inSeconds } ?? true
        let last = isExact ? speed.exact : speed.estimate
        func reading(_ epochs: Double) -> Double {
            held / last + loop.estimatedReadings(trained: epochs * epoch) / speed.estimate
        }
        var epochs = plan.epochs
        if let time = options.time {
            // What is left after reading and counting; both depend on how many epochs there are, but little.
            let most = time.inSeconds * speed.training / epoch
            epochs = max(0, time.inSeconds - counting - reading(most)) * speed.training / epoch
        }
        return RunEstimate(
            memory: memory(countsBaseline: countsBaseline), charactersPerSecond: speed.training, epochs: epochs,
            trainingSeconds: epochs * epoch / speed.training, readingSeconds: reading(epochs), countingSeconds: counting)
    }

    /// What the baseline of the run reads.
    var countingExtent: CountingBaseline.Extent {
        CountingBaseline.Extent(training: split.training.count, heldOut: split.heldOut.count, seconds: baselineSeconds)
    }
}
