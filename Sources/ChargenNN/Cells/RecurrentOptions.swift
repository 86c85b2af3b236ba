import ChargenTensor

/// The options of a recurrent layer, under Keras's names and with its meaning.
public struct RecurrentOptions: Sendable, Equatable {
    /// The kind of cell.
    package var kind: CellKind
    /// Units, H.
    public var units: Int
    /// Activation applied to the candidate state, and to an LSTM's cell state.
    public var activation: Activation
    /// Activation applied to the gates; a simple recurrent layer has none.
    public var recurrentActivation = Activation.sigmoid
    /// Whether the cell has biases.
    public var useBias: Bool
    /// Whether the bias of an LSTM's forget gate is one at first.
    public var unitForgetBias = false
    /// Initial values of the input's kernel.
    public var kernelInitializer: Initializer
    /// Initial values of the recurrent kernel.
    public var recurrentInitializer: Initializer
    /// Initial values of the biases.
    public var biasInitializer: Initializer
    /// Whether the product with the hidden state is normalized over all gates together, before the input and the biases are
    /// added (Ba, Kiros and Hinton, "Layer Normalization", 2016, eq. 4, without a bias; ε is 0.001).
    public var layerNorm = false
    /// Whether the output has a row for every step, or for the last step only.
    public var returnSequences: Bool
    /// Whether the final state is returned beside the output.
    public var returnState: Bool
    /// Whether the sequence is read from its end; outputs are then in the order of reading.
    public var goBackwards: Bool
    /// Whether each batch begins with the final state of the batch before it, until ``Sequential/resetStates()``.
    public var stateful: Bool
    /// Whether inputs and outputs are `[T, N, D]` instead of `[N, T, D]`.
    public var timeMajor: Bool
    /// The share of the input's numbers that training drops, the same at every step of a sequence.
    public var dropout: Float
    /// The share of the hidden state's numbers that training hides from the recurrent product, the same at every step.
    public var recurrentDropout: Float
}
