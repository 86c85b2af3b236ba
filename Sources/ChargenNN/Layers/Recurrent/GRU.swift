import ChargenTensor

/// Gated recurrent unit (Cho and others, "Learning Phrase Representations using RNN Encoder-Decoder", 2014):
///
///     z = σ(x·Wz + h·Uz + bz)     r = σ(x·Wr + h·Ur + br)     h' = z∘h + (1 − z)∘n
///     n = a(x·Wn + bn + r∘(h·Un + vn)), or, where r comes before the product, n = a(x·Wn + (r∘h)·Un + bn)
///
/// Here a is the activation and σ the recurrent activation. The state is h. With the reset after the product, the default of
/// Keras and PyTorch, the recurrent product has a bias v of its own for each of z, r and n.
public struct GRU: RecurrentLayer, BuildableLayer, Equatable {
    /// The layer's options.
    public var options: RecurrentOptions

    /// A layer of `units` units; the defaults are Keras's.
    /// - Parameters:
    ///   - units: units, H.
    ///   - activation: the activation of the candidate state.
    ///   - recurrentActivation: the activation of the gates.
    ///   - useBias: whether the cell has biases.
    ///   - resetAfter: whether the reset gate multiplies the recurrent product, or the state before it.
    ///   - kernelInitializer: initial values of the input's kernel.
    ///   - recurrentInitializer: initial values of the recurrent kernel.
    ///   - biasInitializer: initial values of the biases.
    ///   - layerNorm: whether the product with the hidden state is normalized, see ``RecurrentOptions/layerNorm``.
    ///   - returnSequences: whether the output has a row for every step, or for the last step only.
    ///   - returnState: whether the final state is returned beside the output.
    ///   - goBackwards: whether the sequence is read from its end.
    ///   - stateful: whether each batch begins with the final state of the batch before it.
    ///   - timeMajor: whether inputs and outputs are `[T, N, D]` instead of `[N, T, D]`.
    ///   - dropout: the share of the input's numbers that training drops.
    ///   - recurrentDropout: the share of the state's numbers that training hides from the recurrent product.
    public init(
        units: Int, activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid, useBias: Bool = true,
        resetAfter: Bool = true,
        kernelInitializer: Initializer = .glorotUniform, recurrentInitializer: Initializer = .orthogonal,
        biasInitializer: Initializer = .zeros, layerNorm: Bool = false, returnSequences: Bool = false,
        returnState: Bool = false, goBackwards: Bool = false, stateful: Bool = false, timeMajor: Bool = false,
        dropout: Float = 0, recurrentDropout: Float = 0
    ) {
        options = RecurrentOptions(
            kind: resetAfter ? .gru : .gruResetBefore, units: units, activation: activation,
            recurrentActivation: recurrentActivation, useBias: useBias,
            kernelInitializer: kernelInitializer, recurrentInitializer: recurrentInitializer,
            biasInitializer: biasInitializer, layerNorm: layerNorm, returnSequences: returnSequences,
            returnState: returnState, goBackwards: goBackwards, stateful: stateful, timeMajor: timeMajor, dropout: dropout,
            recurrentDropout: recurrentDropout)
    }
}
