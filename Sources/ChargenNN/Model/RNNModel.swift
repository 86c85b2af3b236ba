import ChargenDevice
import ChargenTensor

/// A trained recurrent model over token ids: one-hot input or embedding, recurrent layers, dense output layer.
///
///     let (logits, state) = try model.forward(tokens: [3, 1, 4], batchSize: 1)
///
/// A model is an immutable value: any number of samplers and scorers may share it, on any threads. Training makes new
/// models. What computes with a model needs its weights in another order; that form is made once for each device and
/// precision, shared by all copies of the model, and kept until the last copy is gone or
/// ``releasePreparedWeights()`` is called.
public struct RNNModel: Sendable, Equatable {
    /// The architecture.
    public let configuration: RNNConfiguration
    /// Numbers in all weights.
    public let parameterCount: Int
    /// All parameters, in the layout of the layers of ``configuration``.
    private let values: [Float]
    private let networks = PreparedForms<Device, PreparedNetwork>()
    private let decodingWeights = PreparedForms<DecodingKey, any DecodingWeights>()

    private struct DecodingKey: Hashable, Sendable {
        let precision: StreamPrecision
        let device: Device
    }

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
        let network = try Sequential(configuration.makeLayers(), on: Device.default.backend())
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
    public func sequential(on device: Device = .default) throws -> Sequential { try network(on: device.backend()) }

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

    /// Runs `tokens`, `[T, N]` time-major, from `state` (nil: from the zero state), in float32.
    /// - Returns: the logits `[T·N, V]`, row `t · N + n` for step `t` of sequence `n`, and the state after the last step.
    /// - Throws: `BackendError`; ``LayerError/unknownToken(_:sequence:step:allowed:)``,
    ///   ``LayerError/wrongShape(what:found:expected:)`` where the number of tokens is not a multiple of `batchSize` or the
    ///   state has another shape than the model.
    public func forward(
        tokens: [Int32], batchSize: Int, state: RNNState? = nil, device: Device = .default
    ) throws -> (logits: Tensor, state: RNNState) {
        guard batchSize > 0, !tokens.isEmpty, tokens.count % batchSize == 0 else {
            throw LayerError.wrongShape(what: "the tokens", found: [tokens.count], expected: [nil, batchSize])
        }
        if let state, state.layers.count != configuration.layers {
            throw LayerError.mismatched("the state has \(state.layers.count) layers, not \(configuration.layers)")
        }
        return try preparedNetwork(device).withNetwork { network in
            var signal = Signal(rows: .tokens(tokens), steps: tokens.count / batchSize, batchSize: batchSize)
            signal.initialStates = state?.layers.map { BatchState($0, on: network.backend) } ?? []
            let result = try network.forward(signal, gradients: false)
            return (
                try result.matrix(ReusedMemory(), on: network.backend).tensor(),
                RNNState(layers: result.finalStates.map(\.layerState))
            )
        }
    }

    // MARK: Prepared weights

    /// The network with packed kernels on `device`.
    /// - Throws: `BackendError`.
    package func preparedNetwork(_ device: Device) throws -> PreparedNetwork {
        try networks.form(device) {
            try PreparedNetwork(configuration.makeLayers(), values: values, on: device.backend())
        }
    }

    /// The weights for decoding on `device`.
    /// - Throws: `BackendError`.
    package func decodingWeights(_ precision: StreamPrecision, _ device: Device) throws -> any DecodingWeights {
        let backend = try device.backend()
        let precision = precision == .automatic ? backend.fasterStreamPrecision : precision
        return try decodingWeights.form(DecodingKey(precision: precision, device: device)) {
            try backend.makeDecodingWeights(network(on: backend).decodingModel, precision: precision)
        }
    }

    /// Gives the memory of the prepared weights back. What is in use goes on; what comes later prepares them again.
    public func releasePreparedWeights() {
        networks.removeAll()
        decodingWeights.removeAll()
    }

    /// Whether two models have the same architecture and weights.
    public static func == (left: RNNModel, right: RNNModel) -> Bool {
        left.configuration == right.configuration && left.values == right.values
    }
}

extension Sequential {
    /// The weights of a model of tokens as decoding reads them. The products of every token's vector with the first kernel,
    /// `[V, inputs·H]`, are computed once. Traps for layers that are not those of an ``RNNModel``.
    package var decodingModel: DecodingModel {
        var cells: [RecurrentCell] = [], table: Matrix?, output: BuiltDense?
        for layer in built {
            switch layer {
            case let embedding as BuiltEmbedding: table = parameters[embedding.table]
            case let recurrent as BuiltRecurrent: cells.append(recurrent.cell)
            case let dense as BuiltDense: output = dense
            default: break
            }
        }
        guard let output, let bias = output.bias else { preconditionFailure("a model of tokens ends with a dense layer") }
        let layers = cells.enumerated().map { index, cell in
            var kernel = parameters[cell.kernel]
            if index == 0, let table {
                let products = backend.makeMatrix(table.rows, kernel.columns)
                let packed = backend.makePacked(rows: kernel.rows, columns: kernel.columns, precision: .float32)
                backend.pack(kernel, transposed: false, into: packed)
                backend.product(Operand(table), packed, bias: nil, into: products)
                kernel = products
            }
            return DecodingModel.Layer(
                kernel: kernel, recurrent: parameters[cell.recurrentKernel], bias: parameters[cell.bias!],
                recurrentBias: cell.recurrentBias.map { parameters[$0] }, second: cell.secondKernel.map { parameters[$0] },
                norm: cell.gain.map { (parameters[$0], RecurrentCell.normEpsilon) })
        }
        return DecodingModel(
            kind: cells[0].kind, layers: layers, output: parameters[output.kernel], outputBias: parameters[bias])
    }
}
