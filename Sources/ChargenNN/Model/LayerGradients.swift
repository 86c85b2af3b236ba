import ChargenTensor

/// The gradients of a pass of a ``Sequential``.
public struct LayerGradients: Sendable, Equatable {
    /// Of the input, of its shape; nil for token ids.
    public let input: Tensor?
    /// Of the states that the recurrent layers began with, in their order.
    public let initialStates: [LayerState]
    /// Of the weights, in the order of ``Sequential/weights``.
    public let weights: [(name: String, tensor: Tensor)]

    /// Whether all numbers are the same.
    public static func == (left: LayerGradients, right: LayerGradients) -> Bool {
        left.input == right.input && left.initialStates == right.initialStates
            && left.weights.map(\.name) == right.weights.map(\.name)
            && left.weights.map(\.tensor) == right.weights.map(\.tensor)
    }
}
