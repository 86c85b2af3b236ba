import ChargenCPU
import ChargenNN
import ChargenSampling
import ChargenTensor
import ChargenTestSupport
import ChargenTraining
import Testing

/// Whole models on the reference backend, whose memory no pointer of the host reaches, and on the CPU backend: passes,
/// training and decoding of each cell.
@Suite struct ReferenceBackendTests {
    enum Cell: String, CaseIterable {
        case lstm, gru, gruResetBefore, simpleRNN, mlstm, normalizedLSTM, normalizedGRU, normalizedMLSTM

        var hasCellState: Bool { [.lstm, .mlstm, .normalizedLSTM, .normalizedMLSTM].contains(self) }

        func layer(
            _ units: Int, returnSequences: Bool = true, stateful: Bool = false, dropout: Float = 0
        ) -> any RecurrentLayer {
            var layer: any RecurrentLayer =
                switch self {
                case .lstm: LSTM(units: units)
                case .gru: GRU(units: units)
                case .gruResetBefore: GRU(units: units, resetAfter: false)
                case .simpleRNN: SimpleRNN(units: units)
                case .mlstm: MultiplicativeLSTM(units: units)
                case .normalizedLSTM: LSTM(units: units, layerNorm: true)
                case .normalizedGRU: GRU(units: units, layerNorm: true)
                case .normalizedMLSTM: MultiplicativeLSTM(units: units, layerNorm: true)
                }
            layer.options.returnSequences = returnSequences
            layer.options.returnState = true
            layer.options.stateful = stateful
            layer.options.dropout = dropout
            layer.options.recurrentDropout = dropout
            return layer
        }
    }

    static let precisions = [Precision.float32, .bfloat16]

    private static let V = 11

    /// Random tokens, none of which is padding.
    private static func tokens(_ lengths: [Int], seed: UInt64) -> [[Int32]] {
        var random = RandomSource(seed: seed)
        return lengths.map { length in (0..<length).map { _ in Int32(1 + random.next() % UInt64(V - 1)) } }
    }

    // MARK: Passes

    /// Token ids with padding, dropout of inputs and states, both directions; initial states and the gradients of final ones.
    @Test(arguments: Cell.allCases, precisions) func passes(_ cell: Cell, _ precision: Precision) throws {
        let (absolute, relative): (Float, Float) = precision == .float32 ? (1e-5, 1e-4) : (0.03, 0.03)
        try forEachSet(absolute: absolute, relative: relative) { backend in
            let model = try Sequential(
                [
                    Embedding(inputDim: Self.V, outputDim: 6, maskZero: true), cell.layer(7, dropout: 0.25),
                    Bidirectional(cell.layer(5)), cell.layer(9, returnSequences: false), Dense(units: 4, activation: .softmax),
                ], precision: precision, on: backend)
            try model.randomizeWeights(seed: 1)
            let tokens = Self.tokens([8, 3, 5], seed: 2), state = Tensor.random([3, 7], seed: 3)
            let initial = LayerState(hidden: state, cell: cell.hasCellState ? state : nil)
            return Self.lists(try model.pass(.tokens(tokens), initialStates: [initial], training: true))
        }
    }

    /// Numbers as inputs, and one-hot tokens.
    @Test(arguments: Cell.allCases) func inputs(_ cell: Cell) throws {
        try forEachSet(absolute: 1e-5, relative: 1e-4) { backend in
            let numbers = try Sequential([cell.layer(7), Dense(units: 3, activation: .tanh)], inputSize: 5, on: backend)
            try numbers.randomizeWeights(seed: 4)
            let tokens = try Sequential([OneHot(size: Self.V), cell.layer(6), Dropout(rate: 0.5)], on: backend)
            try tokens.randomizeWeights(seed: 5)
            return Self.lists(try numbers.pass(.values(.random([4, 6, 5], seed: 6))))
                + Self.lists(try tokens.pass(.tokens(Self.tokens([7, 7], seed: 7)), training: true))
        }
    }

    private static func lists(_ pass: ModelPass) -> [(String, [Float])] {
        [("output", pass.output.values)]
            + (pass.inputGradient.map { [("input's gradient", $0.values)] } ?? [])
            + (pass.states + pass.stateGradients).flatMap { $0.tensors.map { ("state or its gradient", $0.values) } }
            + pass.weightGradients.enumerated().map { ("gradient \($0)", $1.values) }
    }

    // MARK: Training

    /// Initial weights, the metrics of each epoch, and the weights after some steps: sequences of different lengths, dropout,
    /// clipping, a weight for each sequence, and validation.
    @Test(arguments: Cell.allCases, precisions) func training(_ cell: Cell, _ precision: Precision) throws {
        let (absolute, relative): (Float, Float) = precision == .float32 ? (1e-4, 1e-4) : (0.01, 0.02)
        // What is rounded to another neighbour grows from step to step where a norm amplifies small states.
        let epochs = precision == .bfloat16 && cell == .normalizedLSTM ? 1.0 : 3
        try forEachSet(absolute: absolute, relative: relative) { backend in
            let model = try Sequential(
                [
                    Embedding(inputDim: Self.V, outputDim: 6, maskZero: true), cell.layer(8, dropout: 0.2),
                    cell.layer(7), Dense(units: Self.V, activation: .softmax),
                ], seed: 3, on: backend)
            model.initialize()
            let initial = model.parameters.flat.values
            var options = FitOptions(epochs: Double(epochs), batchSize: 4, learningRate: 0.02)
            options.optimizer = precision == .float32 ? .adamw : .sgd
            options.momentum = 0.9
            options.clipNorm = 1
            options.clipValue = 0.5
            options.precision = precision
            let texts = Self.tokens([9, 4, 6, 7, 9, 2, 8, 5, 3, 9], seed: 8)
            let history = try model.fit(
                .tokens(texts), Self.nextTokens(texts), loss: .sparseCategoricalCrossentropy, options: options,
                sampleWeight: .random([10], seed: 9, in: 0.5..<2),
                validation: (.tokens(Array(texts[..<4])), Self.nextTokens(Array(texts[..<4]))))
            let metrics = history.flatMap { [$0.trainLoss, $0.gradientNorm, $0.validationLoss!, $0.validationAccuracy!] }
            return [
                ("initial weights", initial), ("metrics", metrics.map { Float($0) }),
                ("weights", model.parameters.flat.values),
            ]
        }
    }

    /// The classes `[N, T]`: each token's successor; zero, which is masked, after the end.
    private static func nextTokens(_ texts: [[Int32]]) -> Tensor {
        let longest = texts.map(\.count).max()!
        return Tensor(
            shape: [texts.count, longest],
            values: texts.flatMap { text in
                (0..<longest).map { $0 < text.count ? Float(text[($0 + 1) % text.count]) : 0 }
            })
    }

    /// States that go on from batch to batch, and losses of numbers and of several classes at once.
    @Test(arguments: Cell.allCases, [Loss.meanSquaredError, .binaryCrossentropy])
    func statefulTraining(_ cell: Cell, _ loss: Loss) throws {
        try forEachSet(absolute: 1e-4, relative: 1e-4) { backend in
            let model = try Sequential(
                [
                    cell.layer(7, stateful: true),
                    Dense(units: 2, activation: loss == .binaryCrossentropy ? .sigmoid : .tanh),
                ], inputSize: 3, on: backend)
            try model.randomizeWeights(seed: 10)
            var options = FitOptions(epochs: 2, batchSize: 3)
            (options.shuffle, options.precision) = (false, .float32)
            let targets = Tensor.random([9, 4, 2], seed: 11, in: 0..<1)
            let history = try model.fit(.values(.random([9, 4, 3], seed: 12)), targets, loss: loss, options: options)
            let predicted = try model.predict(.values(.random([3, 4, 3], seed: 13)))
            return [
                ("losses", history.map { Float($0.trainLoss) }), ("weights", model.parameters.flat.values),
                ("predictions", predicted.values),
            ]
        }
    }

    // MARK: Decoding

    /// Streams that join, read, fork and leave, what is drawn in them, and the network that reads the same tokens at once.
    @Test(arguments: RNNConfiguration.Cell.allCases, [nil, 6]) func decoding(
        _ cell: RNNConfiguration.Cell, _ embedding: Int?
    ) throws {
        for layerNorm in [false, true] {
            try compareDecoding(
                RNNConfiguration(
                    cell: cell, vocabularySize: 37, hiddenSize: 21, layers: 2, embeddingSize: embedding, layerNorm: layerNorm))
        }
    }

    private func compareDecoding(_ configuration: RNNConfiguration) throws {
        let model = try RNNModel(configuration: configuration, seed: 14)
        try forEachSet(absolute: 1e-5, relative: 1e-4) { backend in
            let weights = backend.makeDecodingWeights(try model.network(on: backend).decodingModel, precision: .float32)
            let decoder = TokenDecoder(configuration, weights, on: backend)
            let (first, second) = (try decoder.join(), try decoder.join())
            try decoder.step([3, 36], in: [first, second])
            try decoder.read([5, 0, 17], in: second)
            let state = try decoder.state(of: second), fork = try decoder.join(state)
            try decoder.leave(first)
            try decoder.step([8, 9], in: [fork, second])
            var sampler = Sampler(
                TokenDecoder(configuration, weights, on: backend), filters: [], seed: 15, streamCount: 3)
            try sampler.start(from: state)
            let drawn = (0..<50).compactMap { _ in sampler.next() }
            #expect(drawn.count == 50)

            let network = try TokenNetwork(model, on: backend)
            var states = RNNState(zeros: 1, configuration: configuration)
            try network.forward(tokens: [36, 5, 0, 17, 9], steps: 5, batchSize: 1, state: &states)
            let logits = try decoder.logits(of: second)
            expectClose(Array(try network.logits.values.suffix(37)), logits, absolute: 1e-5, "the network's last logits")
            return [
                ("state", state.recurrent), ("logits", state.logits), ("after", logits),
                ("fork", try decoder.logits(of: fork)), ("drawn", drawn.map { Float($0) }),
                ("all logits", try network.logits.values), ("final states", states.layers.flatMap(\.hidden.values)),
            ]
        }
    }

    /// Compares the backends under each instruction set of this machine.
    private func forEachSet(
        absolute: Float, relative: Float, sourceLocation: SourceLocation = #_sourceLocation,
        _ operation: (any Backend) throws -> [(String, [Float])]
    ) throws {
        for set in availableInstructionSets {
            try expectAgreement(
                set, absolute: absolute, relative: relative, "\(set)", sourceLocation: sourceLocation, operation)
        }
    }
}
