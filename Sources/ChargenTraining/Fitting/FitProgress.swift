/// How a fit goes, after a step.
public struct FitProgress: Sendable, Equatable {
    /// The epoch that the step is part of, counted from 1.
    public let epoch: Int
    /// Epochs that there will be.
    public let epochs: Int
    /// Share of the fit that is done.
    public let share: Double
    /// Mean loss of the epoch's examples so far.
    public let loss: Double
    /// Seconds that the rest will take, as things go.
    public let secondsLeft: Double
}
