/// What all trainers have in common: a training loop, and the loop's own methods and figures.
public protocol EpochTrainer {
    /// The training loop.
    var loop: TrainingLoop { get }
}

extension EpochTrainer {
    /// Epochs begun so far.
    public var epoch: Int { loop.epoch }
    /// Optimizer steps so far.
    public var step: Int { loop.step }
    /// The metrics of the last epoch.
    public var metrics: EpochMetrics? { loop.metrics }
    /// Whether all epochs are done.
    public var isFinished: Bool { loop.isFinished }
    /// Numbers in all weights.
    public var parameterCount: Int { loop.parameterCount }

    /// Trains all epochs that are left, unless a hook stops it.
    /// - Throws: ``TrainingError/diverged(epoch:step:learningRate:)`` and what a hook throws; `CancellationError` after a
    ///   step, where the current task is cancelled. The next call goes on from there.
    public func train(hooks: [any TrainingHook] = []) throws { try loop.train(hooks: hooks) }

    /// Trains until the end of the epoch, unless a hook stops it.
    /// - Throws: ``TrainingError/diverged(epoch:step:learningRate:)``, whereupon the parameters are those before the step;
    ///   what a hook throws; `CancellationError` where the current task is cancelled. The next call goes on from there.
    @discardableResult
    public func trainEpoch(hooks: [any TrainingHook] = []) throws -> EpochMetrics {
        try loop.trainEpoch(hooks: hooks)
    }
}
