import ChargenTensor

/// A recurrent cell that computes one step at a time, with the state in and out: Keras's ``LSTMCell``, ``GRUCell`` and
/// ``SimpleRNNCell``, and the ``MultiplicativeLSTMCell``.
///
///     let cell = try LSTMCell(units: 64, inputSize: 78)
///     var state = cell.zeroState(batchSize: 1)
///     for x in inputs { (output, state) = try cell(x, state: state) }
///
/// It computes with the same kernels as the layers: steps one after the other give the same numbers as the layer gives for
/// the sequence. A cell is not `Sendable`: one thread uses it at a time.
public final class SteppedCell<Recurrent: RecurrentLayer> {
    /// The layer whose step the cell computes.
    public let layer: Recurrent
    /// Width of the input, D.
    public let inputSize: Int
    private let model: Sequential

    /// A cell with weights drawn from `seed`. Options of `layer` that concern sequences are ignored.
    /// - Throws: ``LayerError`` for options out of range, `BackendError`.
    package init(_ layer: Recurrent, inputSize: Int, seed: UInt64 = 0) throws {
        var stepped = layer
        stepped.options.returnSequences = false
        stepped.options.returnState = true
        stepped.options.stateful = false
        stepped.options.goBackwards = false
        stepped.options.timeMajor = true
        self.layer = layer
        self.inputSize = inputSize
        model = try Sequential([stepped], inputSize: inputSize, seed: seed)
    }

    /// The state before anything was read, for `batchSize` sequences.
    public func zeroState(batchSize: Int) -> LayerState {
        LayerState(zeros: batchSize, units: layer.options.units, kind: layer.options.kind)
    }

    /// One step over `inputs [N, D]` from `state`.
    /// - Returns: the output `[N, H]`, which is the new hidden state, and the new state.
    /// - Throws: ``LayerError`` where the shapes do not fit.
    public func callAsFunction(_ inputs: Tensor, state: LayerState) throws -> (output: Tensor, state: LayerState) {
        guard inputs.shape.count == 2, inputs.shape[1] == inputSize else {
            throw LayerError.wrongShape(what: "the input", found: inputs.shape, expected: [nil, inputSize])
        }
        let step = Tensor(shape: [1] + inputs.shape, values: inputs.values)
        let result = try model(.values(step), initialStates: [state])
        return (result.output, result.states[0])
    }

    /// The weights under Keras's names and in its layouts and order.
    public var weights: [(name: String, tensor: Tensor)] { model.weights }

    /// Replaces all weights, in the order of ``weights``.
    /// - Throws: ``ModelError``; nothing is changed then.
    public func setWeights(_ tensors: [Tensor]) throws { try model.setWeights(tensors) }
}

/// One step of an ``LSTM``.
public typealias LSTMCell = SteppedCell<LSTM>
/// One step of a ``GRU``.
public typealias GRUCell = SteppedCell<GRU>
/// One step of a ``SimpleRNN``.
public typealias SimpleRNNCell = SteppedCell<SimpleRNN>
/// One step of a ``MultiplicativeLSTM``.
public typealias MultiplicativeLSTMCell = SteppedCell<MultiplicativeLSTM>

// MARK: - Options

extension SteppedCell where Recurrent == LSTM {
    /// A cell of `units` units, H, that reads rows of `inputSize` numbers, D. The weights are drawn from `seed`; the other
    /// options and their defaults are those of ``LSTM``.
    /// - Throws: ``LayerError`` for options out of range, `BackendError`.
    public convenience init(
        units: Int, inputSize: Int, activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid,
        useBias: Bool = true, unitForgetBias: Bool = true, kernelInitializer: Initializer = .glorotUniform,
        recurrentInitializer: Initializer = .orthogonal, biasInitializer: Initializer = .zeros, layerNorm: Bool = false,
        seed: UInt64 = 0
    ) throws {
        try self.init(
            LSTM(
                units: units, activation: activation, recurrentActivation: recurrentActivation, useBias: useBias,
                unitForgetBias: unitForgetBias, kernelInitializer: kernelInitializer,
                recurrentInitializer: recurrentInitializer, biasInitializer: biasInitializer, layerNorm: layerNorm),
            inputSize: inputSize, seed: seed)
    }
}

extension SteppedCell where Recurrent == GRU {
    /// A cell of `units` units, H, that reads rows of `inputSize` numbers, D. The weights are drawn from `seed`; the other
    /// options and their defaults are those of ``GRU``.
    /// - Throws: ``LayerError`` for options out of range, `BackendError`.
    public convenience init(
        units: Int, inputSize: Int, activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid,
        useBias: Bool = true, resetAfter: Bool = true, kernelInitializer: Initializer = .glorotUniform,
        recurrentInitializer: Initializer = .orthogonal, biasInitializer: Initializer = .zeros, layerNorm: Bool = false,
        seed: UInt64 = 0
    ) throws {
        try self.init(
            GRU(
                units: units, activation: activation, recurrentActivation: recurrentActivation, useBias: useBias,
                resetAfter: resetAfter, kernelInitializer: kernelInitializer,
                recurrentInitializer: recurrentInitializer, biasInitializer: biasInitializer, layerNorm: layerNorm),
            inputSize: inputSize, seed: seed)
    }
}

extension SteppedCell where Recurrent == SimpleRNN {
    /// A cell of `units` units, H, that reads rows of `inputSize` numbers, D. The weights are drawn from `seed`; the other
    /// options and their defaults are those of ``SimpleRNN``.
    /// - Throws: ``LayerError`` for options out of range, `BackendError`.
    public convenience init(
        units: Int, inputSize: Int, activation: Activation = .tanh, useBias: Bool = true,
        kernelInitializer: Initializer = .glorotUniform, recurrentInitializer: Initializer = .orthogonal,
        biasInitializer: Initializer = .zeros, seed: UInt64 = 0
    ) throws {
        try self.init(
            SimpleRNN(
                units: units, activation: activation, useBias: useBias, kernelInitializer: kernelInitializer,
                recurrentInitializer: recurrentInitializer, biasInitializer: biasInitializer),
            inputSize: inputSize, seed: seed)
    }
}

extension SteppedCell where Recurrent == MultiplicativeLSTM {
    /// A cell of `units` units, H, that reads rows of `inputSize` numbers, D. The weights are drawn from `seed`; the other
    /// options and their defaults are those of ``MultiplicativeLSTM``.
    /// - Throws: ``LayerError`` for options out of range, `BackendError`.
    public convenience init(
        units: Int, inputSize: Int, activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid,
        useBias: Bool = true, unitForgetBias: Bool = true, kernelInitializer: Initializer = .glorotUniform,
        recurrentInitializer: Initializer = .orthogonal, biasInitializer: Initializer = .zeros, layerNorm: Bool = false,
        seed: UInt64 = 0
    ) throws {
        try self.init(
            MultiplicativeLSTM(
                units: units, activation: activation, recurrentActivation: recurrentActivation, useBias: useBias,
                unitForgetBias: unitForgetBias, kernelInitializer: kernelInitializer,
                recurrentInitializer: recurrentInitializer, biasInitializer: biasInitializer, layerNorm: layerNorm),
            inputSize: inputSize, seed: seed)
    }
}
