import ChargenTensor

/// What a recurrent cell computes and how its parameters begin: the part of a layer's options that is the cell's.
public struct CellSpecification: Sendable, Equatable {
    package let kind: CellKind
    /// Units, H.
    public let units: Int
    /// Of the new state, and of the LSTM's cell state.
    public let activation: Activation
    /// Of the gates.
    public let recurrentActivation: Activation
    /// Whether there are biases.
    public let useBias: Bool
    /// Whether an LSTM's forget gate begins with a bias of one.
    public let unitForgetBias: Bool
    package let kernelInitializer: Initializer
    package let recurrentInitializer: Initializer
    package let biasInitializer: Initializer

    package init(
        kind: CellKind, recurrentActivation: Activation = .sigmoid, unitForgetBias: Bool = false,
        options: RecurrentOptions
    ) {
        self.kind = kind
        self.recurrentActivation = recurrentActivation
        self.unitForgetBias = unitForgetBias
        units = options.units
        activation = options.activation
        useBias = options.useBias
        kernelInitializer = options.kernelInitializer
        recurrentInitializer = options.recurrentInitializer
        biasInitializer = options.biasInitializer
    }
}
