import ChargenNN

/// Something that happens during training: a file of metrics, a live line, a checkpoint, early stopping.
///
///     final class StopWhenGood: TrainingHook {
///         func epochFinished(_ loop: TrainingLoop, _ metrics: EpochMetrics) {
///             if metrics.trainLoss < 0.1 { loop.stop() }
///         }
///     }
///     try trainer.train(hooks: [StopWhenGood()])
///
/// A hook may read the loop's metrics and weights, and stop it. Its methods do nothing unless they are implemented. What a
/// hook throws ends the training; the parameters are then those of the last step.
public protocol TrainingHook: AnyObject {
    /// Called after every optimizer step; `loop.progress` says where the run stands.
    func stepFinished(_ loop: TrainingLoop) throws
    /// Called after the validation data was read.
    func validationFinished(_ loop: TrainingLoop, _ validation: LossTotals) throws
    /// Called after a measurement within an epoch; ``EpochMetrics/isEpochEnd`` is false. The last measurement of an epoch is
    /// given to ``epochFinished(_:_:)`` instead.
    func measurementFinished(_ loop: TrainingLoop, _ metrics: EpochMetrics) throws
    /// Called at the end of an epoch, also of one that was stopped.
    func epochFinished(_ loop: TrainingLoop, _ metrics: EpochMetrics) throws
    /// Called after the run went back to its last good state.
    func recovered(_ loop: TrainingLoop, _ recovery: Recovery) throws
}

extension TrainingHook {
    /// Does nothing.
    public func stepFinished(_ loop: TrainingLoop) throws {}
    /// Does nothing.
    public func validationFinished(_ loop: TrainingLoop, _ validation: LossTotals) throws {}
    /// Does nothing.
    public func measurementFinished(_ loop: TrainingLoop, _ metrics: EpochMetrics) throws {}
    /// Does nothing.
    public func recovered(_ loop: TrainingLoop, _ recovery: Recovery) throws {}
    /// Does nothing.
    public func epochFinished(_ loop: TrainingLoop, _ metrics: EpochMetrics) throws {}
}

/// A hook made of functions, like Keras's `LambdaCallback`.
public final class LambdaHook: TrainingHook {
    private let onStep: ((TrainingLoop) throws -> Void)?
    private let onEpoch: ((TrainingLoop, EpochMetrics) throws -> Void)?

    /// A hook that calls `onStep` after every step and `onEpoch` after every epoch.
    public init(
        onStep: ((TrainingLoop) throws -> Void)? = nil, onEpoch: ((TrainingLoop, EpochMetrics) throws -> Void)? = nil
    ) {
        self.onStep = onStep
        self.onEpoch = onEpoch
    }

    /// Calls the function for steps.
    /// - Throws: the function's error.
    public func stepFinished(_ loop: TrainingLoop) throws { try onStep?(loop) }

    /// Calls the function for epochs.
    /// - Throws: the function's error.
    public func epochFinished(_ loop: TrainingLoop, _ metrics: EpochMetrics) throws { try onEpoch?(loop, metrics) }
}
