import ChargenTensor

/// Long short-term memory (Hochreiter and Schmidhuber, 1997; with a forget gate, Gers, Schmidhuber and Cummins, 2000):
///
///     i = σ(x·Wi + h·Ui + bi)     f = σ(x·Wf + h·Uf + bf)     o = σ(x·Wo + h·Uo + bo)
///     g = a(x·Wg + h·Ug + bg)     c' = f∘c + i∘g              h' = o∘a(c')
///
/// with the activation a and, for σ, the recurrent activation. Its state is h and c.
public struct LSTM: RecurrentLayer, Equatable {
    /// The class's name.
    public static let title = "LSTM"

    /// The options that all recurrent layers share.
    public var options: RecurrentOptions
    /// Of the gates.
    public var recurrentActivation: Activation
    /// Whether the forget gate begins with a bias of one.
    public var unitForgetBias: Bool

    /// A layer of `units` units; the defaults are Keras's.
    /// - Parameters:
    ///   - units: units, H.
    ///   - activation: of the new state.
    ///   - recurrentActivation: of the gates.
    ///   - useBias: whether there are biases.
    ///   - unitForgetBias: whether the forget gate begins with a bias of one.
    ///   - kernelInitializer: how the input's kernel begins.
    ///   - recurrentInitializer: how the state's kernel begins.
    ///   - biasInitializer: how the biases begin.
    ///   - returnSequences: whether the output has a row for every step, or the last one only.
    ///   - returnState: whether the final state is returned beside the output.
    ///   - goBackwards: whether the sequence is read from its end.
    ///   - stateful: whether each batch begins with the state that the last one ended with.
    ///   - timeMajor: whether inputs and outputs are `[T, N, D]` instead of `[N, T, D]`.
    ///   - dropout: the share of the input's numbers that training drops.
    ///   - recurrentDropout: the share of the state's numbers that training hides from the product with it.
    public init(
        units: Int, activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid, useBias: Bool = true,
        unitForgetBias: Bool = true,
        kernelInitializer: Initializer = .glorotUniform, recurrentInitializer: Initializer = .orthogonal,
        biasInitializer: Initializer = .zeros, returnSequences: Bool = false, returnState: Bool = false,
        goBackwards: Bool = false, stateful: Bool = false, timeMajor: Bool = false, dropout: Float = 0,
        recurrentDropout: Float = 0
    ) {
        options = RecurrentOptions(
            units: units, activation: activation, useBias: useBias, kernelInitializer: kernelInitializer,
            recurrentInitializer: recurrentInitializer, biasInitializer: biasInitializer,
            returnSequences: returnSequences, returnState: returnState, goBackwards: goBackwards, stateful: stateful,
            timeMajor: timeMajor, dropout: dropout, recurrentDropout: recurrentDropout)
        self.recurrentActivation = recurrentActivation
        self.unitForgetBias = unitForgetBias
    }

    /// What the cell computes.
    public var specification: CellSpecification {
        CellSpecification(
            kind: .lstm, recurrentActivation: recurrentActivation, unitForgetBias: unitForgetBias, options: options)
    }
}
