import ChargenTensor

/// Long short-term memory (Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997; with a forget gate, Gers, Schmidhuber
/// and Cummins, "Learning to Forget", 2000):
///
///     i = σ(x·Wi + h·Ui + bi)     f = σ(x·Wf + h·Uf + bf)     o = σ(x·Wo + h·Uo + bo)
///     g = a(x·Wg + h·Ug + bg)     c' = f∘c + i∘g              h' = o∘a(c')
///
/// Here a is the activation and σ the recurrent activation. The state is h and c.
public struct LSTM: RecurrentLayer, BuildableLayer, Equatable {
    /// The layer's options.
    public var options: RecurrentOptions

    /// A layer of `units` units; the defaults are Keras's.
    /// - Parameters:
    ///   - units: units, H.
    ///   - activation: the activation of the candidate state and of the cell state.
    ///   - recurrentActivation: the activation of the gates.
    ///   - useBias: whether the cell has biases.
    ///   - unitForgetBias: whether the forget gate's bias is one at first.
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
        unitForgetBias: Bool = true,
        kernelInitializer: Initializer = .glorotUniform, recurrentInitializer: Initializer = .orthogonal,
        biasInitializer: Initializer = .zeros, layerNorm: Bool = false, returnSequences: Bool = false,
        returnState: Bool = false, goBackwards: Bool = false, stateful: Bool = false, timeMajor: Bool = false,
        dropout: Float = 0, recurrentDropout: Float = 0
    ) {
        options = RecurrentOptions(
            kind: .lstm, units: units, activation: activation, recurrentActivation: recurrentActivation,
            useBias: useBias, unitForgetBias: unitForgetBias,
            kernelInitializer: kernelInitializer, recurrentInitializer: recurrentInitializer,
            biasInitializer: biasInitializer, layerNorm: layerNorm, returnSequences: returnSequences,
            returnState: returnState, goBackwards: goBackwards, stateful: stateful, timeMajor: timeMajor, dropout: dropout,
            recurrentDropout: recurrentDropout)
    }
}
