import ChargenDevice
import ChargenTensor

/// A model of layers one after the other, as Keras's `Sequential` builds it.
///
///     let model = try Sequential([
///         Embedding(inputDim: 100, outputDim: 30),
///         LSTM(units: 128, returnSequences: true),
///         LSTM(units: 128),
///         Dense(units: 5, activation: .softmax),
///     ])
///     print(model.summary())
///
/// This is the one engine of the library: ``RNNModel`` and classifiers compute with it too. A model of one layer is that
/// layer, with its weights. A model is not `Sendable`: one thread uses it at a time.
public final class Sequential {
    /// The layers, as they were described.
    public let layers: [any Layer]
    /// Numbers in a row of the input, D; nil where the first layer reads token ids.
    public let inputSize: Int?
    /// The precision of the operands of products in calls, `evaluate` and ``predict(_:batchSize:)``; training has
    /// its own (`FitOptions.precision`).
    public let precision: Precision
    /// Whether inputs and outputs are `[T, N, D]` instead of `[N, T, D]`.
    public let isTimeMajor: Bool
    package let names: [String]
    package let built: [BuiltLayer]
    package let layout: ParameterLayout
    package let backend: any Backend
    /// All parameters; zeros until they are initialized or read.
    package private(set) lazy var parameters = ParameterBuffer(layout: layout, on: backend)
    /// The gradients of all parameters, written by each backward pass; those of frozen parameters stay zero.
    package private(set) lazy var gradients = ParameterBuffer(layout: layout, on: backend)
    /// The seed of the initial values and of the dropouts.
    package let seed: UInt64
    /// Calls with `training` so far, each of which draws its own dropouts.
    private var trainingCalls: UInt64 = 0
    private var version = 0
    private lazy var scratch = backend.makeScratch()
    private let lossMemory = ReusedMemory(), lossRows = ReusedMemory()
    private lazy var stepSums = StepSums(on: backend)
    private var kernels = PackedKernels()
    /// The forward pass that the next backward pass consumes.
    private var lastPass: LastPass?

    private struct LastPass {
        let context: PassContext
        let input: Signal
        let outputSteps: Int?
        /// The shapes of the states that the pass returned.
        let stateShapes: [[[Int]]]
    }

    /// Creates a model with weights drawn from `seed`.
    /// - Parameters:
    ///   - layers: the layers from the input to the output.
    ///   - inputSize: numbers in a row of the input, D; not needed where the first layer reads token ids.
    ///   - seed: the seed of the weights and of the dropouts.
    ///   - precision: the precision of products outside training.
    ///   - device: the device that the model computes on.
    /// - Throws: ``LayerError`` for options out of range or layers that do not go together, `BackendError`.
    public convenience init(
        _ layers: [any Layer], inputSize: Int? = nil, seed: UInt64 = 0, precision: Precision = .float32,
        device: Device = .default
    ) throws {
        try self.init(layers, inputSize: inputSize, seed: seed, precision: precision, on: device.backend())
        initialize()
    }

    /// Creates a model that computes with the weights of another one, which must not change, in memory of its own.
    package convenience init(sharing model: Sequential) throws {
        try self.init(
            model.layers, inputSize: model.inputSize, seed: model.seed, precision: model.precision, on: model.backend)
        parameters = model.parameters
        kernels = model.kernels
        version = model.version
    }

    /// Creates a model without initial values: its parameters take no memory until they are first used.
    /// - Throws: ``LayerError``.
    package init(
        _ layers: [any Layer], inputSize: Int? = nil, seed: UInt64 = 0, precision: Precision = .float32,
        on backend: any Backend
    ) throws {
        guard let first = layers.first else { throw LayerError.mismatched("a model needs at least one layer") }
        let readsTokens = Self.readsTokens(first), recurrent = layers.flatMap(Self.recurrentLayers)
        guard readsTokens || inputSize != nil else {
            throw LayerError.mismatched("the first layer takes numbers: give the model an inputSize")
        }
        if !readsTokens, let inputSize {
            let limits = SizeLimits.vocabulary
            try LayerError.require(limits ~= inputSize, "the model", "inputSize", inputSize, limits.inWords)
        }
        guard Set(recurrent.map(\.options.timeMajor)).count <= 1 else {
            throw LayerError.mismatched("some layers are time-major and others are not")
        }
        // A model that has layers before its first recurrent one reads sequences too.
        var shape = SignalShape(width: readsTokens ? nil : inputSize, hasTime: readsTokens || !recurrent.isEmpty)
        var counts: [String: Int] = [:], builder = LayerBuilder(), names: [String] = []
        built = try layers.map { layer in
            let number = counts[layer.kind, default: 0]
            counts[layer.kind] = number + 1
            builder.name = number == 0 ? layer.kind : "\(layer.kind)_\(number)"
            names.append(builder.name)
            let made = try layer.buildable.build(shape, &builder)
            shape = made.output
            return made
        }
        self.layers = layers
        self.inputSize = readsTokens ? nil : inputSize
        self.names = names
        self.seed = seed
        self.precision = precision
        self.backend = backend
        layout = builder.layout
        isTimeMajor = recurrent.first?.options.timeMajor ?? false
    }

    static func readsTokens(_ layer: any Layer) -> Bool { layer is Embedding || layer is OneHot }

    /// The recurrent layers that `layer` consists of.
    static func recurrentLayers(_ layer: any Layer) -> [any RecurrentLayer] {
        if let both = layer as? Bidirectional { return [both.forwardLayer, both.backwardLayer] }
        return (layer as? any RecurrentLayer).map { [$0] } ?? []
    }

    /// Draws initial values of all parameters from the seed.
    package func initialize() {
        var random = RandomSource(seed: seed)
        for layer in built { layer.initialize(parameters, using: &random, on: backend) }
        parametersChanged()
    }

    /// Marks packed forms of the parameters as outdated; to be called whenever the parameters have changed.
    package func parametersChanged() { version += 1 }

    /// Computes with the parameters of `buffer` from now on, and hands out the present ones.
    package func exchangeParameters(with buffer: inout ParameterBuffer) {
        precondition(buffer.layout == layout, "parameters of another model")
        swap(&parameters, &buffer)
        parametersChanged()
    }

    /// Sets the states that stateful layers carry to zero.
    public func resetStates() { carriedStates = [] }

    /// The states that stateful layers begin the next batch with; those that are missing are zero.
    package var carriedStates: [BatchState] {
        get { built.flatMap(\.statefulLayers).compactMap(\.carriedState) }
        set {
            for (index, layer) in built.flatMap(\.statefulLayers).enumerated() {
                layer.carriedState = index < newValue.count ? newValue[index] : nil
            }
        }
    }
}

// MARK: - Calls

extension Sequential {
    /// The output of a ``Sequential``.
    public struct Output: Sendable, Equatable {
        /// `[N, T, D]`, or `[N, D]` where there is no time any more (`[T, N, D]` from a time-major model).
        public let output: Tensor
        /// The final states of the layers that return them, in their order.
        public let states: [LayerState]
    }

    /// The gradients of a pass of a ``Sequential``.
    public struct Gradients: Sendable {
        /// The gradient of the input, of its shape; nil for token ids.
        public let input: Tensor?
        /// The gradients of the initial states of the recurrent layers, in their order.
        public let initialStates: [LayerState]
        /// The gradients of the weights, in the order of ``Sequential/weights``.
        public let weights: [(name: String, tensor: Tensor)]
    }

    /// Computes the model's output.
    /// - Parameters:
    ///   - input: the examples.
    ///   - initialStates: initial states of the recurrent layers, in their order (two for a ``Bidirectional``); the others
    ///     begin with zero, or, if they are stateful, with the state that they carry.
    ///   - mask: `[N][T]`: steps that are false leave states as they are; nil for what an ``Embedding`` masks.
    ///   - training: whether dropouts drop.
    /// - Throws: ``LayerError`` where the shapes do not fit.
    public func callAsFunction(
        _ input: LayerInput, initialStates: [LayerState] = [], mask: [[Bool]]? = nil, training: Bool = false
    ) throws -> Output {
        lastPass = nil
        guard initialStates.count <= layers.flatMap(Self.recurrentLayers).count else {
            throw LayerError.mismatched("more initial states than recurrent layers")
        }
        for tensor in initialStates.flatMap(\.tensors) where tensor.shape.count != 2 {
            throw LayerError.wrongShape(what: "the initial state", found: tensor.shape, expected: [nil, nil])
        }
        var signal = try signal(of: input)
        signal.initialStates = initialStates.map { BatchState($0, on: backend) }
        if let mask {
            guard let steps = signal.steps, mask.count == signal.batchSize, mask.allSatisfy({ $0.count == steps })
            else {
                throw LayerError.wrongShape(
                    what: "the mask", found: [mask.count, mask.first?.count ?? 0],
                    expected: [signal.batchSize, signal.steps])
            }
            signal.mask = (0..<steps).flatMap { step in mask.map { $0[step] ? 1 : 0 } }
        }
        trainingCalls += training ? 1 : 0
        let result = try forward(
            signal, gradients: true, random: training ? RandomSource(seed: seed, stream: 2 &+ trainingCalls) : nil)
        return Output(output: try tensor(of: result), states: result.finalStates.map(\.layerState))
    }

    /// Backpropagates `Σ output · outputGradient + Σ states · stateGradients` through the last call, and consumes it: a
    /// second call of this method without another call of the model throws.
    /// - Parameters:
    ///   - outputGradient: of the output's shape.
    ///   - stateGradients: of the states that were returned, in their order; empty for zero.
    /// - Throws: ``LayerError/noForwardPass``, ``LayerError/wrongShape(what:found:expected:)``,
    ///   ``LayerError/mismatched(_:)`` where the state gradients are not those of the states.
    public func gradients(outputGradient: Tensor, stateGradients: [LayerState] = []) throws -> Gradients {
        guard let last = lastPass, let width = built.last?.output.width else { throw LayerError.noForwardPass }
        let (steps, N) = (last.outputSteps, last.input.batchSize)
        let expected = (steps.map { isTimeMajor ? [$0, N] : [N, $0] } ?? [N]) + [width]
        guard outputGradient.shape == expected else {
            throw LayerError.wrongShape(what: "the output's gradient", found: outputGradient.shape, expected: expected)
        }
        let stateShapes = stateGradients.map { $0.tensors.map(\.shape) }
        guard stateShapes.isEmpty || stateShapes == last.stateShapes else {
            throw LayerError.mismatched("the states' gradients have shapes \(stateShapes), not \(last.stateShapes)")
        }
        let rows = steps == nil || isTimeMajor ? outputGradient : outputGradient.swapped
        let values = backend.makeMatrix(rows.values.count / width, width, rows.values)
        let back = backward(
            SignalGradient(rows: Operand(values), finalStates: stateGradients.map { BatchState($0, on: backend) }))
        var input: Tensor?
        if last.input.rows.areStored, let values = back.rows?.matrix {
            let tensor = values.tensor(shape: last.input.steps.map { [$0, N, values.columns] })
            input = last.input.steps == nil || isTimeMajor ? tensor : tensor.swapped
        }
        return Gradients(
            input: input, initialStates: back.initialStates.map(\.layerState),
            weights: kerasWeights.map { ($0.name, $0.tensor(gradients)) })
    }
}

// MARK: - Passes

extension Sequential {
    /// Runs all layers.
    /// - Parameters:
    ///   - gradients: whether a backward pass may follow.
    ///   - skipsActivation: whether the last layer leaves out its activation, since the loss contains it.
    ///   - random: the source that dropouts draw from; nil drops nothing.
    ///   - precision: the precision of products; by default the model's.
    package func forward(
        _ input: Signal, gradients: Bool, skipsActivation: Bool = false, random: RandomSource? = nil,
        precision: OperandPrecision? = nil
    ) throws -> Signal {
        lastPass = nil
        let context = PassContext(
            PassParameters(
                buffer: parameters, version: version, precision: precision ?? backend.resolve(self.precision),
                backend: backend, scratch: gradients ? scratch : nil, kernels: kernels),
            gradients: gradients ? self.gradients : nil, random: random)
        var signal = input
        for (index, layer) in built.enumerated() {
            context.skipsActivation = skipsActivation && index == built.count - 1
            signal = try layer.forward(signal, context)
        }
        if gradients {
            lastPass = LastPass(
                context: context, input: input, outputSteps: signal.steps,
                stateShapes: signal.finalStates.map { $0.matrices.map(\.shape) })
        }
        return signal
    }

    /// Backpropagates through the last forward pass, and consumes it: overwrites ``gradients``, and returns the gradient of
    /// the input.
    @discardableResult
    package func backward(_ gradient: SignalGradient) -> SignalGradient {
        guard let last = lastPass else { preconditionFailure("there is no forward pass to backpropagate through") }
        lastPass = nil
        var gradient = gradient
        for layer in built.reversed() { gradient = layer.backward(gradient, last.context) }
        return gradient
    }

    /// Computes the loss of a pass's output, whose activation the pass left out if the loss contains it.
    /// - Parameters:
    ///   - weights: `[rows]`, the weight of each row; masked rows count nothing.
    ///   - countsRight: whether right predictions are counted.
    ///   - gradient: whether the gradient of the mean loss is computed, for ``backward(_:)``. It may overwrite the output.
    /// - Returns: the loss, whose sums are in the backend's memory until the next call, and the gradient.
    package func loss(
        _ loss: Loss, of output: Signal, _ targets: LossTargets, weights: [Float]? = nil, countsRight: Bool,
        gradient: Bool
    ) throws -> (loss: BatchLoss, gradient: SignalGradient) {
        var values = try output.matrix(lossRows, on: backend)
        if gradient && !(loss.activation != nil && endsInPreActivations) {
            // What the loss overwrites would be needed for the backward pass.
            let copy = lossRows.matrix(values.rows, values.columns, on: backend)
            backend.copy(values, into: copy)
            values = copy
        }
        let rows = values.rows
        let masked = output.mask?.contains(0) == true ? output.mask : nil
        let count = masked?.count { $0 != 0 } ?? rows
        // The backend takes a row of weight zero for padding, which has no prediction. An unmasked row has one, whatever its
        // weight: the smallest number counts nothing in the loss and in the gradient.
        let weights = weights.map { $0.map { $0 == 0 ? .leastNormalMagnitude : $0 } }
        let all = masked.map { mask in
            zip(mask, weights ?? [Float](repeating: 1, count: rows)).map { $0 == 0 ? 0 : $1 }
        }
        let operand = gradient
            ? lossMemory.operand(
                rows, values.columns, lastPass?.context.parameters.precision ?? .float32, on: backend) : nil
        let results = lossMemory.matrix(2, rows, on: backend)
        backend.measure(.loss) {
            backend.loss(
                loss.function, outputs: values, targets: targets,
                weights: (all ?? weights).map { backend.makeMatrix(1, rows, $0) },
                scale: 1 / Float(max(count, 1)), gradient: operand, losses: results[0..<1],
                hits: countsRight ? results[1..<2] : nil)
            backend.sum(results[0..<1], into: stepSums.scalars, at: StepSums.loss)
            if countsRight { backend.sum(results[1..<2], into: stepSums.scalars, at: StepSums.right) }
        }
        return (
            BatchLoss(rowLosses: results[0..<1], sums: stepSums, count: count, countsRight: countsRight),
            SignalGradient(rows: operand, isBeforeActivation: loss.activation != nil)
        )
    }

    /// Whether the output, without the activation that a loss contains, is that of a product: no backward pass reads it.
    private var endsInPreActivations: Bool {
        guard built.last is BuiltActivation else { return built.last is BuiltDense }
        return (built.dropLast().last as? BuiltDense)?.options.activation == .linear
    }
}
