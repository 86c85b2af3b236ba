import ChargenTensor

/// A trained recurrent model over token ids: one-hot input or embedding, recurrent layers, dense output layer.
///
///     let (logits, state) = try model.forward(tokens: [3, 1, 4], batchSize: 1)
///
/// A model is an immutable value: any number of samplers and scorers may share it, on any threads. Training makes new
/// models.
public struct RNNModel: Sendable, Equatable {
    /// The architecture.
    public let configuration: RNNConfiguration
    /// Numbers in all weights.
    public let parameterCount: Int
    /// All parameters, in the layout of the layers of ``configuration``.
    private let values: [Float]

    /// Creates a model with random weights: input kernels Glorot uniform (for one-hot inputs ±√3), recurrent kernels
    /// orthogonal, embedding standard normal, output kernel Glorot uniform, biases zero but one for an LSTM's forget gate.
    /// The same seed gives the same weights.
    /// - Throws: `BackendError`.
    public init(configuration: RNNConfiguration, seed: UInt64) throws {
        let network = try Sequential(configuration.makeLayers(), seed: seed)
        self.init(configuration: configuration, parameters: network.parameters)
    }

    /// Creates a model with the weights of `tensors`, named and laid out as in ``tensors``. PyTorch's two biases are added
    /// up where only their sum matters.
    /// - Throws: ``ModelError`` where a tensor is missing, is none of the model's, has another shape than
    ///   `configuration` asks for, or holds a number that is not finite; `BackendError`.
    public init(configuration: RNNConfiguration, tensors: [String: Tensor]) throws {
        let network = try Sequential(configuration.makeLayers(), on: CPUBackend())
        try network.setTorchTensors(tensors)
        self.init(configuration: configuration, parameters: network.parameters)
    }

    /// A snapshot of `parameters`.
    package init(configuration: RNNConfiguration, parameters: ParameterBuffer) {
        self.configuration = configuration
        values = parameters.flat.values
        parameterCount = parameters.layout.parameterCount
    }

    /// The model as layers, with a copy of its weights: an ``Embedding`` or ``OneHot``, recurrent layers that return
    /// sequences and states, and a ``Dense`` layer that gives the logits `[N, T, V]` of token ids `[N, T]`.
    /// - Throws: `BackendError`.
    public func sequential() throws -> Sequential { try network(on: CPUBackend()) }

    /// The model as layers on `backend`.
    package func network(on backend: any Backend) throws -> Sequential {
        let network = try Sequential(configuration.makeLayers(), on: backend)
        network.parameters.flat.assign(values)
        return network
    }

    /// The weights under PyTorch's names and in its layouts, as `torch.nn.Embedding`, `torch.nn.LSTM` (or `GRU`, `RNN`) and
    /// `torch.nn.Linear` take them: `embedding.weight [V, D]` where there is an embedding, for each layer `k`
    /// `rnn.weight_ih_lk [G·H, D]` (D is V for one-hot inputs, H above the first layer), `rnn.weight_hh_lk [G·H, H]`,
    /// `rnn.bias_ih_lk [G·H]`, `rnn.bias_hh_lk [G·H]`, then `output.weight [V, H]`, `output.bias [V]`; gates in the order
    /// i, f, g, o of an LSTM and r, z, n of a GRU.
    /// - Throws: `BackendError`.
    public var tensors: [(name: String, tensor: Tensor)] {
        get throws { try sequential().torchTensors }
    }

    /// The state before anything was read, for `batchSize` sequences.
    public func zeroState(batchSize: Int) -> RNNState {
        RNNState(zeros: batchSize, configuration: configuration)
    }

    /// Runs `tokens`, `[T, N]` time-major, from `state` (nil: from the zero state).
    /// - Returns: the logits `[T·N, V]`, row `t · N + n` for step `t` of sequence `n`, and the state after the last step.
    /// - Throws: `BackendError`, ``LayerError/unknownToken(_:sequence:step:allowed:)``. Traps where the number of tokens is
    ///   not a multiple of `batchSize`.
    public func forward(
        tokens: [Int32], batchSize: Int, state: RNNState? = nil
    ) throws -> (logits: Tensor, state: RNNState) {
        precondition(
            batchSize > 0 && !tokens.isEmpty && tokens.count % batchSize == 0,
            "\(tokens.count) tokens for a batch of \(batchSize)")
        var signal = Signal(rows: .tokens(tokens), steps: tokens.count / batchSize, batchSize: batchSize)
        signal.initialStates = (state ?? zeroState(batchSize: batchSize)).layers
        let result = try sequential().forward(signal, gradients: false)
        return (try result.matrix(ReusedMemory()).tensor(), RNNState(layers: result.finalStates))
    }
}
