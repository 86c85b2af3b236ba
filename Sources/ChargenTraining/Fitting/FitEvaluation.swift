/// What a model makes of examples whose targets are known.
public struct FitEvaluation: Sendable, Equatable {
    /// Mean loss of an example.
    public let loss: Double
    /// Share of the examples that are told right; nil where there are no classes.
    public let accuracy: Double?
}
