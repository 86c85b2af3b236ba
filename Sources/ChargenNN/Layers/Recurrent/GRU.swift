import ChargenTensor

/// Gated recurrent unit (Cho and others, "Learning Phrase Representations using RNN Encoder-Decoder", 2014):
///
///     z = σ(x·Wz + h·Uz + bz)     r = σ(x·Wr + h·Ur + br)     h' = z∘h + (1 − z)∘n
///     n = a(x·Wn + bn + r∘(h·Un + vn)), or, where r comes before the product, n = a(x·Wn + (r∘h)·Un + bn)
///
/// with the activation a and, for σ, the recurrent activation. Its state is h. With the reset after the product, the
/// default as in Keras and PyTorch, the state's product has a bias of its own, v, for each of z, r and n.
public struct GRU: RecurrentLayer, Equatable {
    /// The class's name.
    public static let title = "GRU"

    /// The options that all recurrent layers share.
    public var options: RecurrentOptions
    /// Of the gates.
    public var recurrentActivation: Activation
    /// Whether the reset gate multiplies what the state's product gives, or the state before it.
    public var resetAfter: Bool

    /// A layer of `units` units; the defaults are Keras's.
    /// - Parameters:
    ///   - units: units, H.
    ///   - activation: of the new state.
    ///   - recurrentActivation: of the gates.
    ///   - useBias: whether there are biases.
    ///   - resetAfter: whether the reset gate multiplies the product, or the state before it.
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
        resetAfter: Bool = true,
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
        self.resetAfter = resetAfter
    }

    /// What the cell computes.
    public var specification: CellSpecification {
        CellSpecification(
            kind: resetAfter ? .gru : .gruResetBefore, recurrentActivation: recurrentActivation, options: options)
    }
}
