import ChargenTensor

/// A simple recurrent layer (Elman, "Finding Structure in Time", 1990): `h' = a(x·W + h·U + b)` with the activation a.
public struct SimpleRNN: RecurrentLayer, BuildableLayer, Equatable {
    /// The layer's options.
    public var options: RecurrentOptions

    /// A layer of `units` units; the defaults are Keras's.
    /// - Parameters:
    ///   - units: units, H.
    ///   - activation: the activation of the state.
    ///   - useBias: whether the cell has biases.
    ///   - kernelInitializer: initial values of the input's kernel.
    ///   - recurrentInitializer: initial values of the recurrent kernel.
    ///   - biasInitializer: initial values of the biases.
    ///   - returnSequences: whether the output has a row for every step, or for the last step only.
    ///   - returnState: whether the final state is returned beside the output.
    ///   - goBackwards: whether the sequence is read from its end.
    ///   - stateful: whether each batch begins with the final state of the batch before it.
    ///   - timeMajor: whether inputs and outputs are `[T, N, D]` instead of `[N, T, D]`.
    ///   - dropout: the share of the input's numbers that training drops.
    ///   - recurrentDropout: the share of the state's numbers that training hides from the recurrent product.
    public init(
        units: Int, activation: Activation = .tanh, useBias: Bool = true,
        kernelInitializer: Initializer = .glorotUniform, recurrentInitializer: Initializer = .orthogonal,
        biasInitializer: Initializer = .zeros, returnSequences: Bool = false, returnState: Bool = false,
        goBackwards: Bool = false, stateful: Bool = false, timeMajor: Bool = false, dropout: Float = 0,
        recurrentDropout: Float = 0
    ) {
        options = RecurrentOptions(
            kind: .simpleRNN, units: units, activation: activation, useBias: useBias,
            kernelInitializer: kernelInitializer, recurrentInitializer: recurrentInitializer,
            biasInitializer: biasInitializer, returnSequences: returnSequences, returnState: returnState,
            goBackwards: goBackwards, stateful: stateful, timeMajor: timeMajor, dropout: dropout,
            recurrentDropout: recurrentDropout)
    }
}
