import ChargenTensor

/// A vector of `outputDim` numbers for each of `inputDim` token ids.
public struct Embedding: Layer {
    /// Tokens, V.
    public var inputDim: Int
    /// Numbers in a vector, D.
    public var outputDim: Int
    /// How the vectors begin, where there are none given.
    public var embeddingsInitializer: Initializer
    /// Whether token 0 is padding, whose steps recurrent layers pass over.
    public var maskZero: Bool
    /// Vectors to begin with, `[V, D]`.
    public var weights: Tensor?
    /// Whether training changes the vectors.
    public var trainable: Bool

    /// Vectors that begin by `embeddingsInitializer`; the defaults are Keras's.
    public init(
        inputDim: Int, outputDim: Int, embeddingsInitializer: Initializer = .randomUniform(), maskZero: Bool = false
    ) {
        self.inputDim = inputDim
        self.outputDim = outputDim
        self.embeddingsInitializer = embeddingsInitializer
        self.maskZero = maskZero
        trainable = true
    }

    /// Pretrained vectors, `weights [V, D]`, frozen unless they are `trainable`.
    public init(weights: Tensor, trainable: Bool = false, maskZero: Bool = false) {
        precondition(weights.shape.count == 2, "vectors of shape \(weights.shape)")
        self.init(inputDim: weights.shape[0], outputDim: weights.shape[1], maskZero: maskZero)
        self.weights = weights
        self.trainable = trainable
    }

    /// How the layer is put to work.
    public var blueprint: LayerBlueprint {
        LayerBlueprint(kind: "embedding", title: "Embedding") { name, input, layout in
            guard input.width == nil else {
                throw LayerError.mismatched("\(name) takes token ids, not numbers; it must be the first layer")
            }
            for (option, value, allowed) in [
                ("inputDim", inputDim, RNNConfiguration.vocabularySizeRange),
                ("outputDim", outputDim, RNNConfiguration.embeddingSizeRange),
            ] {
                try LayerError.require(
                    allowed ~= value, name, option, value, "\(allowed.lowerBound) to \(allowed.upperBound)")
            }
            if let weights, weights.shape != [inputDim, outputDim] {
                throw LayerError.wrongShape(what: "\(name): weights", found: weights.shape, expected: [inputDim, outputDim])
            }
            return ActiveEmbedding(self, name: name, layout: &layout)
        }
    }
}

/// An ``Embedding`` at work.
private final class ActiveEmbedding: ActiveLayer {
    private let options: Embedding
    private let table: ParameterLayout.Index
    private let vectors = ReusedMatrix()
    private var tokens: [Int32] = []

    init(_ options: Embedding, name: String, layout: inout ParameterLayout) {
        self.options = options
        table = layout.add("\(name).embeddings", rows: options.inputDim, columns: options.outputDim)
    }

    var output: SignalShape { SignalShape(width: options.outputDim, hasTime: true) }
    var isFrozen: Bool { !options.trainable }
    var weights: [LayerWeight] {
        [LayerWeight("embeddings", table, shape: [options.inputDim, options.outputDim])]
    }

    func torchPlaces(_ name: String, layer: Int) -> [TorchPlace] {
        [TorchPlace(name: "\(name).weight", index: table, kind: .straight)]
    }

    func initialize(_ parameters: ParameterBuffer, using random: inout RandomSource, on backend: any Backend) {
        if let weights = options.weights {
            parameters[table].assign(weights.values)
        } else {
            options.embeddingsInitializer.fill(parameters[table], using: &random, on: backend)
        }
    }

    func forward(_ input: Signal, _ context: PassContext) throws -> Signal {
        guard input.values == nil else { throw LayerError.wrongInput(expected: "token ids", found: "numbers") }
        let (V, N) = (Int32(options.inputDim), input.batchSize)
        if let bad = input.tokens.firstIndex(where: { $0 < 0 || $0 >= V }) {
            throw LayerError.unknownToken(input.tokens[bad], sequence: bad % N, step: bad / N, allowed: 0..<Int(V))
        }
        tokens = input.tokens
        let rows = vectors(tokens.count, options.outputDim)
        rows.assignRows(of: context.parameters[table], tokens)
        var signal = input
        if options.maskZero { signal.mask = tokens.map { $0 == 0 ? 0 : 1 } }
        return signal.with(rows)
    }

    func backward(_ gradient: SignalGradient, _ context: PassContext) -> SignalGradient {
        let memory = context.gradientMemory()[table]
        if options.trainable {
            context.backend.scatter(Operand(gradient.numbers()), tokens: tokens, into: memory)
        } else {
            memory.fill(0)
        }
        return gradient.with(nil)
    }
}
