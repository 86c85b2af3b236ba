import ChargenTensor

/// An ``Embedding`` at work.
final class ActiveEmbedding: ActiveLayer {
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
