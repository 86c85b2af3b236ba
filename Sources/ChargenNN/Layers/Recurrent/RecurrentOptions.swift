import ChargenTensor

/// The options that all recurrent layers share, under Keras's names and with its defaults.
public struct RecurrentOptions: Sendable, Equatable {
    /// Units, H.
    public var units: Int
    /// Of the new state.
    public var activation: Activation
    /// Whether there are biases.
    public var useBias: Bool
    /// How the input's kernel begins.
    public var kernelInitializer: Initializer
    /// How the state's kernel begins.
    public var recurrentInitializer: Initializer
    /// How the biases begin.
    public var biasInitializer: Initializer
    /// Whether the output has a row for every step, or the last one only.
    public var returnSequences: Bool
    /// Whether the final state is returned beside the output.
    public var returnState: Bool
    /// Whether the sequence is read from its end; outputs are then in the order of reading.
    public var goBackwards: Bool
    /// Whether each batch begins with the state that the last one ended with, until ``Sequential/resetStates()``.
    public var stateful: Bool
    /// Whether inputs and outputs are `[T, N, D]` instead of `[N, T, D]`.
    public var timeMajor: Bool
    /// The share of the input's numbers that training drops, the same at every step of a sequence.
    public var dropout: Float
    /// The share of the state's numbers that training hides from the product with it, the same at every step.
    public var recurrentDropout: Float


    /// - Throws: ``LayerError/outOfRange(layer:option:value:allowed:)``.
    func validate(_ layer: String, recurrentActivation: Activation) throws {
        try LayerError.require(
            RNNConfiguration.hiddenSizeRange ~= units, layer, "units", units,
            "\(RNNConfiguration.hiddenSizeRange.lowerBound) to \(RNNConfiguration.hiddenSizeRange.upperBound)")
        try LayerError.require(rate: dropout, layer)
        try LayerError.require(rate: recurrentDropout, layer, "recurrentDropout")
        for (option, value) in [("activation", activation), ("recurrentActivation", recurrentActivation)] {
            try LayerError.require(
                value != .softmax, layer, option, value.rawValue,
                Activation.allCases.filter { $0 != .softmax }.map(\.rawValue).joined(separator: ", "))
        }
    }
}
