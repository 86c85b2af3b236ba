import ChargenTensor

/// Turns each of `inputDim` token ids into a vector of `outputDim` numbers.
///
///     Embedding(inputDim: 5000, outputDim: 30, maskZero: true)
///
/// A batch of T·N tokens has far fewer distinct ones. The layer gives each distinct token's vector once, with the place of
/// each token among them, so that a recurrent layer above it multiplies each vector once.
public struct Embedding: Layer, BuildableLayer {
    /// The number of tokens, V.
    public var inputDim: Int
    /// Numbers in a vector, D.
    public var outputDim: Int
    /// Initial values of the vectors, unless ``weights`` are given.
    public var embeddingsInitializer: Initializer
    /// Whether token 0 is padding, whose steps recurrent layers skip.
    public var maskZero: Bool
    /// Pretrained vectors `[V, D]`.
    public var weights: Tensor?
    /// Whether training changes the vectors.
    public var trainable: Bool

    /// Vectors with initial values by `embeddingsInitializer`; the defaults are Keras's.
    public init(
        inputDim: Int, outputDim: Int, embeddingsInitializer: Initializer = .randomUniform(), maskZero: Bool = false
    ) {
        self.inputDim = inputDim
        self.outputDim = outputDim
        self.embeddingsInitializer = embeddingsInitializer
        self.maskZero = maskZero
        trainable = true
    }

    /// Pretrained vectors, `weights [V, D]`, frozen unless `trainable` is true.
    public init(weights: Tensor, trainable: Bool = false, maskZero: Bool = false) {
        precondition(weights.shape.count == 2, "vectors of shape \(weights.shape)")
        self.init(inputDim: weights.shape[0], outputDim: weights.shape[1], maskZero: maskZero)
        self.weights = weights
        self.trainable = trainable
    }

    /// Checks the options and declares the parameters.
    /// - Throws: ``LayerError``.
    package func build(_ input: SignalShape, _ builder: inout LayerBuilder) throws -> BuiltLayer {
        let name = builder.name
        guard input.width == nil else { throw LayerError.needsTokens(name) }
        for (option, value, limits) in [
            ("inputDim", inputDim, SizeLimits.vocabulary), ("outputDim", outputDim, SizeLimits.embedding),
        ] {
            try LayerError.require(limits ~= value, name, option, value, limits.inWords)
        }
        if let weights, weights.shape != [inputDim, outputDim] {
            throw LayerError.wrongShape(what: "\(name): weights", found: weights.shape, expected: [inputDim, outputDim])
        }
        let table = builder.layout.add(
            "\(name).embeddings", rows: inputDim, columns: outputDim, isTrained: trainable)
        return BuiltEmbedding(self, table: table)
    }
}

/// An ``Embedding`` that computes.
package final class BuiltEmbedding: BuiltLayer {
    package let options: Embedding
    /// `[V, D]`.
    package let table: ParameterLayout.Index
    private let vectors = ReusedMemory()
    /// The last pass: its tokens, and the distinct ones among them as the backend has them.
    private var last: (tokens: [Int32], distinct: Indices)?
    /// The distinct tokens of the last pass, in the order in which they came first.
    private var distinct: [Int32] = []
    /// `[V]`: the place of a token in ``distinct``, or −1.
    private var places: [Int32]

    init(_ options: Embedding, table: ParameterLayout.Index) {
        self.options = options
        self.table = table
        places = []
        super.init(output: SignalShape(width: options.outputDim, hasTime: true))
    }

    package override var kerasWeights: [NamedWeight] { [weight("embeddings")] }
    package override func torchWeights(layer: Int, isLast: Bool) -> [NamedWeight] { [weight("embedding.weight")] }

    private func weight(_ name: String) -> NamedWeight {
        NamedWeight(name, table, shape: [options.inputDim, options.outputDim])
    }

    package override func initialize(
        _ parameters: ParameterBuffer, using random: inout RandomSource, on backend: any Backend
    ) {
        if let weights = options.weights {
            parameters[table].assign(weights.values)
        } else {
            options.embeddingsInitializer.fill(parameters[table], using: &random, on: backend)
        }
    }

    package override func forward(_ input: Signal, _ pass: PassContext) throws -> Signal {
        let backend = pass.backend, tokens = try input.tokens(below: options.inputDim)
        let places = findDistinct(tokens)
        let distinct = backend.makeIndices(distinct, limit: options.inputDim)
        let found = vectors.matrix(distinct.count, options.outputDim, on: backend)
        backend.gather(Operand(pass.parameters[table]), distinct, into: Operand(found))
        let rows = InputRows.numbers(Operand(found))
            .operand(in: pass.parameters.precision, memory: vectors, on: backend)
        last = (tokens, distinct)
        var signal = input
        if options.maskZero { signal.mask = tokens.map { $0 == 0 ? 0 : 1 } }
        return signal.with(
            .gathered(table: rows ?? Operand(found), indices: backend.makeIndices(places, limit: distinct.count)))
    }

    /// Finds the distinct tokens, and returns the place of each token among them.
    private func findDistinct(_ tokens: [Int32]) -> [Int32] {
        if places.isEmpty { places = [Int32](repeating: -1, count: options.inputDim) }
        for token in distinct { places[Int(token)] = -1 }
        distinct.removeAll(keepingCapacity: true)
        return tokens.map { token in
            if places[Int(token)] < 0 {
                places[Int(token)] = Int32(distinct.count)
                distinct.append(token)
            }
            return places[Int(token)]
        }
    }

    package override func backward(_ gradient: SignalGradient, _ pass: PassContext) -> SignalGradient {
        guard options.trainable, let rows = gradient.rows, let last else { return gradient.with(nil) }
        let tokens = gradient.isOfTable
            ? last.distinct : pass.backend.makeIndices(last.tokens, limit: options.inputDim)
        pass.backend.scatter(rows, tokens: tokens, into: pass.gradientMemory[table])
        return gradient.with(nil)
    }
}
