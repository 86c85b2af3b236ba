import ChargenTensor

/// Where a training run stands after a step.
public struct StepProgress: Sendable, Equatable {
    /// The epoch, from 1, and how many there will be.
    public let epoch: Int
    /// Epochs of the whole run.
    public let epochs: Int
    /// Steps taken of this epoch.
    public let step: Int
    /// Steps that an epoch has.
    public let stepsPerEpoch: Int
    /// Mean loss of the epoch so far, in nats per character.
    public let loss: Double
    /// Characters learned from in a second, over the run so far.
    public let charactersPerSecond: Double
    /// Seconds of training that are left at that speed.
    public let secondsLeft: Double

    /// `exp(loss)`.
    public var perplexity: Double { exponential(loss) }
}
