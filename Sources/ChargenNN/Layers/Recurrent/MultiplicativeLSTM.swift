import ChargenTensor

/// Multiplicative long short-term memory (Krause, Lu, Murray and Renals, "Multiplicative LSTM for sequence modelling", 2016):
/// an ``LSTM`` whose gates read an intermediate state m, which the input chooses:
///
///     m = (x·Wx + bx)∘(h·Um)
///     i = σ(x·Wi + m·Ui + bi)     f = σ(x·Wf + m·Uf + bf)     o = σ(x·Wo + m·Uo + bo)
///     g = a(x·Wg + m·Ug + bg)     c' = f∘c + i∘g              h' = o∘a(c')
///
/// Each input so has transitions of its own, which suits inputs of few distinct values, such as characters. A step costs 1.25
/// times the operations of an LSTM. The bias bx, which the paper does not have, begins with zero. Keras has no such layer; its
/// weights are `kernel [D, 5H]` (i, f, g, o, m), `recurrent_kernel [H, 4H]`, `multiplicative_kernel [H, H]`, `bias [5H]` and,
/// with layer normalization, `recurrent_gain [4H]`. The state is h and c.
public struct MultiplicativeLSTM: RecurrentLayer, BuildableLayer, Equatable {
    /// The layer's options.
    public var options: RecurrentOptions

    /// A layer of `units` units; the defaults are those of ``LSTM``.
    /// - Parameters:
    ///   - units: units, H.
    ///   - activation: the activation of the candidate state and of the cell state.
    ///   - recurrentActivation: the activation of the gates.
    ///   - useBias: whether the cell has biases.
    ///   - unitForgetBias: whether the forget gate's bias is one at first.
    ///   - kernelInitializer: initial values of the input's kernel.
    ///   - recurrentInitializer: initial values of the two recurrent kernels.
    ///   - biasInitializer: initial values of the biases.
    ///   - layerNorm: whether the product m·U is normalized, see ``RecurrentOptions/layerNorm``.
    ///   - returnSequences: whether the output has a row for every step, or for the last step only.
    ///   - returnState: whether the final state is returned beside the output.
    ///   - goBackwards: whether the sequence is read from its end.
    ///   - stateful: whether each batch begins with the final state of the batch before it.
    ///   - timeMajor: whether inputs and outputs are `[T, N, D]` instead of `[N, T, D]`.
    ///   - dropout: the share of the input's numbers that training drops.
    ///   - recurrentDropout: the share of the state's numbers that training hides from the recurrent product.
    public init(
        units: Int, activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid, useBias: Bool = true,
        unitForgetBias: Bool = true,
        kernelInitializer: Initializer = .glorotUniform, recurrentInitializer: Initializer = .orthogonal,
        biasInitializer: Initializer = .zeros, layerNorm: Bool = false, returnSequences: Bool = false,
        returnState: Bool = false, goBackwards: Bool = false, stateful: Bool = false, timeMajor: Bool = false,
        dropout: Float = 0, recurrentDropout: Float = 0
    ) {
        options = RecurrentOptions(
            kind: .multiplicativeLSTM, units: units, activation: activation, recurrentActivation: recurrentActivation,
            useBias: useBias, unitForgetBias: unitForgetBias,
            kernelInitializer: kernelInitializer, recurrentInitializer: recurrentInitializer,
            biasInitializer: biasInitializer, layerNorm: layerNorm, returnSequences: returnSequences,
            returnState: returnState, goBackwards: goBackwards, stateful: stateful, timeMajor: timeMajor, dropout: dropout,
            recurrentDropout: recurrentDropout)
    }
}
