import ChargenTensor

/// Layers one after the other: a model as Keras's `Sequential` builds it.
///
///     let model = try Sequential([
///         Embedding(inputDim: 100, outputDim: 30),
///         LSTM(units: 128, returnSequences: true),
///         LSTM(units: 128),
///         Dense(units: 5, activation: .softmax),
///     ])
///     print(model.summary())
///
/// A model of one layer is that layer, with its weights. Not `Sendable`: whoever computes with a model has it alone.
public final class Sequential {
    /// The layers as they were described.
    public let layers: [any Layer]
    /// Whether inputs and outputs are `[T, N, D]` instead of `[N, T, D]`.
    public let isTimeMajor: Bool
    package let names: [String]
    package let active: [any ActiveLayer]
    package let layout: ParameterLayout
    package let parameters: ParameterBuffer
    package let backend: any Backend
    private let seed: UInt64
    private var passes: UInt64 = 0
    private var gradientMemory: ParameterBuffer?
    private var last: (context: PassContext, input: Signal, outputSteps: Int?)?

    /// A model with weights drawn from `seed`.
    /// - Parameters:
    ///   - layers: from the input to the output.
    ///   - inputSize: numbers in a row of the input, D; not needed where the first layer is an ``Embedding``.
    ///   - threads: as many as the machine has processors where it is nil.
    /// - Throws: ``LayerError`` for options out of range or layers that do not go together, `BackendError`.
    public convenience init(
        _ layers: [any Layer], inputSize: Int? = nil, seed: UInt64 = 0, threads: Int? = nil
    ) throws {
        try self.init(SequentialPlan(layers, inputSize: inputSize), seed: seed, threads: threads)
        var random = RandomSource(seed: seed)
        for layer in active { layer.initialize(parameters, using: &random, on: backend) }
    }

    /// A model of `plan` whose weights are zero.
    /// - Throws: `BackendError`.
    package init(_ plan: SequentialPlan, seed: UInt64 = 0, threads: Int? = nil) throws {
        layers = plan.layers
        names = plan.names
        active = plan.active
        layout = plan.layout
        isTimeMajor = plan.isTimeMajor
        self.seed = seed
        backend = try CPUBackend(threads: threads)
        parameters = ParameterBuffer(layout: plan.layout)
    }

    /// Runs the model over `input`.
    /// - Parameters:
    ///   - initialStates: of the recurrent layers, in their order (two for a ``Bidirectional``); those that are left out
    ///     begin with zero, or a stateful layer with what it carries.
    ///   - mask: `[N][T]`: steps that are false leave states alone; nil for all true, or what an ``Embedding`` masks.
    ///   - training: whether dropouts drop.
    /// - Throws: ``LayerError`` where the shapes do not fit.
    public func callAsFunction(
        _ input: LayerInput, initialStates: [LayerState] = [], mask: [[Bool]]? = nil, training: Bool = false
    ) throws -> LayerOutput {
        var signal = try signal(of: input)
        signal.initialStates = initialStates
        if let mask {
            guard let steps = signal.steps, mask.count == signal.batchSize, mask.allSatisfy({ $0.count == steps })
            else {
                throw LayerError.wrongShape(
                    what: "the mask", found: [mask.count, mask.first?.count ?? 0],
                    expected: [signal.batchSize, signal.steps])
            }
            signal.mask = (0..<steps).flatMap { step in mask.map { $0[step] ? 1 : 0 } }
        }
        let result = try forward(signal, training: training, gradients: true)
        guard result.initialStates.isEmpty else {
            throw LayerError.mismatched("more initial states than recurrent layers")
        }
        return LayerOutput(output: try tensor(of: result), states: result.finalStates)
    }

    /// The gradients of what was computed last, `Σ output · outputGradient + Σ states · stateGradients`, by everything that
    /// it was computed from. To be asked for once after each pass.
    /// - Parameters:
    ///   - outputGradient: of the output's shape.
    ///   - stateGradients: of the states that were returned, in their order; empty for zero.
    /// - Throws: ``LayerError`` where the shapes do not fit.
    public func gradients(outputGradient: Tensor, stateGradients: [LayerState] = []) throws -> LayerGradients {
        guard let last, let width = active.last?.output.width else {
            throw LayerError.mismatched("there is no pass to go back over")
        }
        let (steps, N) = (last.outputSteps, last.input.batchSize)
        let expected = (steps.map { isTimeMajor ? [$0, N] : [N, $0] } ?? [N]) + [width]
        guard outputGradient.shape == expected else {
            throw LayerError.wrongShape(what: "the output's gradient", found: outputGradient.shape, expected: expected)
        }
        let rows = steps == nil || isTimeMajor ? outputGradient : outputGradient.swapped
        let values = Matrix(rows: rows.values.count / width, columns: width)
        values.assign(rows.values)
        let back = backward(SignalGradient(values: values, finalStates: stateGradients))
        var input: Tensor?
        if let values = back.values, last.input.values != nil {
            let tensor = values.tensor(shape: last.input.steps.map { [$0, N, values.columns] })
            input = last.input.steps == nil || isTimeMajor ? tensor : tensor.swapped
        }
        return LayerGradients(
            input: input, initialStates: back.initialStates,
            weights: namedWeights.map { ($0.name, Tensor(shape: $0.shape, values: $0.read(gradientBuffer))) })
    }

    /// Begins all stateful layers anew.
    public func resetStates() {
        for layer in active { layer.resetStates() }
    }
}

// MARK: - Weights

extension Sequential {
    /// The weights under Keras's names and in its layouts and order: what `model.get_weights()` gives there.
    public var weights: [(name: String, tensor: Tensor)] {
        namedWeights.map { ($0.name, Tensor(shape: $0.shape, values: $0.read(parameters))) }
    }

    /// Replaces all weights by `tensors`, in the order of ``weights``.
    /// - Throws: ``ModelError/wrongShape(name:found:expected:)``, ``ModelError/notFinite(name:index:)``,
    ///   ``ModelError/missingTensor(name:)``, ``ModelError/unexpectedTensor(name:)``; nothing is changed then.
    public func setWeights(_ tensors: [Tensor]) throws {
        let weights = namedWeights
        if tensors.count < weights.count { throw ModelError.missingTensor(name: weights[tensors.count].name) }
        if tensors.count > weights.count { throw ModelError.unexpectedTensor(name: "number \(weights.count)") }
        for (weight, tensor) in zip(weights, tensors) {
            guard tensor.shape == weight.shape else {
                throw ModelError.wrongShape(name: weight.name, found: tensor.shape, expected: weight.shape)
            }
            if let bad = tensor.values.firstIndex(where: { !$0.isFinite }) {
                throw ModelError.notFinite(name: weight.name, index: bad)
            }
        }
        for (weight, tensor) in zip(weights, tensors) { weight.write(tensor.values, parameters) }
        parametersChanged()
    }

    private var namedWeights: [LayerWeight] {
        zip(names, active).flatMap { name, layer in layer.weights.map { $0.prefixed("\(name)/") } }
    }

    /// Numbers in all weights.
    public var parameterCount: Int { layout.parameterCount }

    /// To be called when the parameters have changed.
    package func parametersChanged() {
        for layer in active { layer.parametersChanged() }
    }
}

// MARK: - Passes

extension Sequential {
    /// The signal that `input` is, time-major.
    /// - Throws: ``LayerError`` where it is not what the first layer takes.
    package func signal(of input: LayerInput) throws -> Signal {
        let shape = input.shape, needsTime = layers.contains { $0 is Embedding || !SequentialPlan.recurrentLayers($0).isEmpty }
        switch input {
        case .tokens(let tokens, let count):
            guard count > 0, !tokens.isEmpty, tokens.count % count == 0 else {
                throw LayerError.wrongShape(what: "the input", found: shape, expected: [nil, nil])
            }
            guard layers.first is Embedding else {
                throw LayerError.wrongInput(expected: "numbers", found: "token ids")
            }
            let (N, T) = isTimeMajor ? (shape[1], shape[0]) : (shape[0], shape[1])
            let turned = isTimeMajor ? tokens : (0..<T).flatMap { t in (0..<N).map { tokens[$0 * T + t] } }
            return Signal(values: nil, tokens: turned, steps: T, batchSize: N)
        case .values(let tensor):
            guard !(layers.first is Embedding) else {
                throw LayerError.wrongInput(expected: "token ids", found: "numbers")
            }
            guard shape.count == 3 || shape.count == 2 && !needsTime, shape.allSatisfy({ $0 > 0 }) else {
                throw LayerError.wrongShape(
                    what: "the input", found: shape, expected: needsTime ? [nil, nil, nil] : [nil, nil])
            }
            let rows = shape.count == 2 || isTimeMajor ? tensor : tensor.swapped
            let matrix = Matrix(rows: rows.values.count / shape.last!, columns: shape.last!)
            matrix.assign(rows.values)
            guard shape.count == 3 else { return Signal(values: matrix, steps: nil, batchSize: shape[0]) }
            return Signal(values: matrix, steps: rows.shape[0], batchSize: rows.shape[1])
        }
    }

    /// What comes out, as users see it.
    package func tensor(of signal: Signal) throws -> Tensor {
        let values = try signal.numbers()
        guard let steps = signal.steps else { return values.tensor() }
        let tensor = values.tensor(shape: [steps, signal.batchSize, values.columns])
        return isTimeMajor ? tensor : tensor.swapped
    }

    /// Runs all layers; `gradients` says whether there may be a way back.
    package func forward(_ input: Signal, training: Bool, gradients: Bool) throws -> Signal {
        if gradients && gradientMemory == nil { gradientMemory = ParameterBuffer(layout: layout) }
        // Every pass draws its own dropouts, the same for the same seed.
        passes += training ? 1 : 0
        let context = PassContext(
            backend: backend, parameters: parameters, gradients: gradients ? gradientMemory : nil, training: training,
            random: RandomSource(seed: seed, stream: 2 &+ passes))
        var signal = input
        for layer in active { signal = try layer.forward(signal, context) }
        last = gradients ? (context, input, signal.steps) : nil
        return signal
    }

    /// Goes back over the last pass, once: overwrites ``gradientBuffer``, and returns the gradient of what came in.
    @discardableResult
    package func backward(_ gradient: SignalGradient) -> SignalGradient {
        guard let last else { preconditionFailure("there is no pass to go back over") }
        var gradient = gradient
        for layer in active.reversed() { gradient = layer.backward(gradient, last.context) }
        return gradient
    }

    /// The gradients of all parameters.
    package var gradientBuffer: ParameterBuffer {
        guard let gradientMemory else { preconditionFailure("there was no pass with gradients") }
        return gradientMemory
    }
}

extension Sequential {
    /// The activation that the output has gone through last, where the last layer has one.
    package var outputActivation: Activation? {
        switch active.last {
        case let dense as ActiveDense: dense.options.activation
        case let activation as ActiveActivation: activation.activation
        default: nil
        }
    }
}
