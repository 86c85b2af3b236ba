import ChargenTensor

/// What a ``Sequential`` gives.
public struct LayerOutput: Sendable, Equatable {
    /// `[N, T, D]`, or `[N, D]` where there is no time any more (`[T, N, D]` from a time-major model).
    public let output: Tensor
    /// The final states of the layers that return them, in their order.
    public let states: [LayerState]
}
