import ChargenTensor

/// A simple recurrent layer (Elman, "Finding Structure in Time", 1990): `h' = a(x·W + h·U + b)` with the activation a.
public struct SimpleRNN: RecurrentLayer, Equatable {
    /// The class's name.
    public static let title = "SimpleRNN"

    /// The options that all recurrent layers share.
    public var options: RecurrentOptions

    /// A layer of `units` units; the defaults are Keras's.
    /// - Parameters:
    ///   - units: units, H.
    ///   - activation: of the new state.
    ///   - useBias: whether there are biases.
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
        units: Int, activation: Activation = .tanh, useBias: Bool = true,
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
    }

    /// What the cell computes.
    public var specification: CellSpecification {
        CellSpecification(
            kind: .simpleRNN, options: options)
    }
}
