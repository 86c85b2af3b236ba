import ChargenTensor

/// A trained recurrent model over token ids: one-hot input or embedding, recurrent layers, dense output layer.
///
/// A model is an immutable value: any number of samplers and scorers may share it, on any threads. Training makes new
/// ones.
public struct RNNModel: Sendable, Equatable {
    /// What the model is made of.
    public let configuration: RNNConfiguration
    /// All parameters, in the order and layout of `RNNLayers.layout`.
    private let values: [Float]

    /// A model with random weights: input kernels Glorot uniform (for one-hot inputs ±√3), recurrent kernels orthogonal,
    /// embedding standard normal, output kernel Glorot uniform, biases zero but one for an LSTM's forget gate. The same seed
    /// gives the same weights.
    /// - Throws: ``BackendError``.
    public init(configuration: RNNConfiguration, seed: UInt64) throws {
        let backend = try CPUBackend(threads: 1)
        self.init(
            configuration: configuration,
            parameters: RNNLayers(configuration).initialize(seed: seed, on: backend))
    }

    /// A snapshot of `parameters`.
    package init(configuration: RNNConfiguration, parameters: ParameterBuffer) {
        self.configuration = configuration
        values = parameters.flat.values
    }

    /// A copy of the parameters to compute with.
    package func parameterBuffer() -> ParameterBuffer {
        let buffer = ParameterBuffer(layout: RNNLayers(configuration).layout)
        buffer.flat.assign(values)
        return buffer
    }

    /// Numbers that were trained.
    public var parameterCount: Int { RNNLayers(configuration).layout.parameterCount }

    /// The output layer's bias `[V]`.
    package var outputBias: [Float] {
        let layers = RNNLayers(configuration)
        return parameterBuffer()[layers.output.bias!].values
    }

    /// The state before anything was read, for `batchSize` sequences.
    public func zeroState(batchSize: Int) -> RNNState {
        RNNState(zeros: batchSize, configuration: configuration)
    }

    /// Runs `tokens`, `[T, N]` time-major, from `state` (nil: from the zero state).
    /// - Returns: the logits `[T·N, V]`, row `t · N + n` for step `t` of sequence `n`, and the state after the last step.
    /// - Throws: ``BackendError``. Traps where the number of tokens is no multiple of `batchSize`.
    public func forward(
        tokens: [Int32], batchSize: Int, state: RNNState? = nil
    ) throws -> (logits: Tensor, state: RNNState) {
        precondition(
            batchSize > 0 && !tokens.isEmpty && tokens.count % batchSize == 0,
            "\(tokens.count) tokens for a batch of \(batchSize)")
        let steps = tokens.count / batchSize
        let network = RNNNetwork(self, steps: steps, batchSize: batchSize, on: try CPUBackend())
        var state = state ?? zeroState(batchSize: batchSize)
        network.forward(tokens: tokens, steps: steps, batchSize: batchSize, state: &state)
        return (network.logits.tensor(), state)
    }
}
