import ChargenNN
import ChargenTensor
import ChargenTestSupport
import Testing

/// Models of layers: their tables, their weights, and what is wrong with what they are given.
@Suite struct SequentialTests {
    @Test func summaryCountsParameters() throws {
        let model = try Sequential([
            Embedding(inputDim: 100, outputDim: 30), LSTM(units: 128, returnSequences: true), LSTM(units: 128),
            Dense(units: 5),
        ])
        #expect(model.parameterCount == 216_637)
        #expect(
            model.summary() == """
                Layer (type)           Output Shape       Param #
                ─────────────────────────────────────────────────
                embedding (Embedding)  (None, None, 30)     3,000
                lstm (LSTM)            (None, None, 128)   81,408
                lstm_1 (LSTM)          (None, 128)        131,584
                dense (Dense)          (None, 5)              645
                ─────────────────────────────────────────────────
                Total params: 216,637
                Trainable params: 216,637
                Non-trainable params: 0
                """)
        #expect(
            model.weights.map(\.name) == [
                "embedding/embeddings", "lstm/kernel", "lstm/recurrent_kernel", "lstm/bias", "lstm_1/kernel",
                "lstm_1/recurrent_kernel", "lstm_1/bias", "dense/kernel", "dense/bias",
            ])
    }

    @Test func frozenVectorsAreNotTrainable() throws {
        let vectors = Tensor(shape: [4, 2], values: (0..<8).map { Float($0) })
        let model = try Sequential([Embedding(weights: vectors), GRU(units: 3), Dense(units: 1, activation: .sigmoid)])
        #expect(model.summary().contains("Non-trainable params: 8"))
        #expect(model.weights[0].tensor == vectors)
        _ = try model(.tokens([[1, 2, 3]]), training: true)
        let gradients = try model.gradients(outputGradient: Tensor(shape: [1, 1], values: [1]))
        #expect(gradients.weights[0].tensor == Tensor(zeros: [4, 2]))
        #expect(gradients.weights[1].tensor.values.contains { $0 != 0 })
    }

    @Test func initializersAreAsTheySay() throws {
        func kernel(_ initializer: Initializer) throws -> Tensor {
            try Sequential([Dense(units: 60, kernelInitializer: initializer)], inputSize: 90).weights[0].tensor
        }
        func deviation(_ tensor: Tensor) -> Float {
            let mean = tensor.values.reduce(0, +) / Float(tensor.values.count)
            return (tensor.values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(tensor.values.count)).squareRoot()
        }
        #expect(try kernel(.zeros).values.allSatisfy { $0 == 0 })
        #expect(try kernel(.ones).values.allSatisfy { $0 == 1 })
        #expect(try kernel(.constant(0.25)).values.allSatisfy { $0 == 0.25 })
        let glorot = try kernel(.glorotUniform), limit = (6 / Float(150)).squareRoot()
        #expect(glorot.values.allSatisfy { abs($0) <= limit })
        #expect(abs(deviation(glorot) - limit / 1.7320508) < 0.01)
        let uniform = try kernel(.randomUniform())
        #expect(uniform.values.allSatisfy { abs($0) <= 0.05 })
        #expect(abs(deviation(uniform) - 0.05 / 1.7320508) < 0.002)
        let normal = try kernel(.randomNormal(mean: 2, standardDeviation: 0.5))
        let mean = normal.values.reduce(0, +) / 5400
        #expect(abs(mean - 2) < 0.05)
        #expect(abs(deviation(normal) - 0.5) < 0.03)
        // More rows than columns: the columns are orthonormal.
        let orthogonal = try kernel(.orthogonal)
        for i in 0..<60 {
            for j in 0...i {
                let dot = (0..<90).reduce(Float(0)) { $0 + orthogonal[$1, i] * orthogonal[$1, j] }
                #expect(abs(dot - (i == j ? 1 : 0)) < 1e-5)
            }
        }
    }

    /// A model over tokens is made of these layers: what they give is what it gives.
    @Test(arguments: RNNConfiguration.Cell.allCases, [nil, 3])
    func aTokenModelIsItsLayers(_ cell: RNNConfiguration.Cell, _ embedding: Int?) throws {
        let (N, T, V) = (2, 5, 7)
        let model = try RNNModel(
            configuration: RNNConfiguration(
                cell: cell, vocabularySize: V, hiddenSize: 6, layers: 2, embeddingSize: embedding), seed: 4)
        let layers = try model.sequential()
        let tokens = (0..<N * T).map { Int32($0 * 5 % V) }  // [N, T]
        let turned = (0..<T).flatMap { t in (0..<N).map { tokens[$0 * T + t] } }
        let expected = try model.forward(tokens: turned, batchSize: N)
        let result = try layers(.tokens(tokens, count: N))
        expectClose(result.output.swapped.values, expected.logits.values, absolute: 1e-5)
        for (layer, state) in zip(result.states, expected.state.layers) {
            expectClose(layer.hidden.values, state.hidden.values, absolute: 1e-5)
        }
        #expect(layers.parameterCount == model.parameterCount)
    }

    // MARK: What is wrong

    @Test func layersThatDoNotGoTogether() throws {
        #expect(throws: LayerError.mismatched("a model needs at least one layer")) { try Sequential([]) }
        #expect(throws: LayerError.self) { try Sequential([LSTM(units: 3)]) }
        #expect(
            throws: LayerError.mismatched(
                "lstm_1 takes sequences; the layer before it must return them (returnSequences)")
        ) { try Sequential([LSTM(units: 3), LSTM(units: 2)], inputSize: 4) }
        #expect(throws: LayerError.self) { try Sequential([Dense(units: 3), Embedding(inputDim: 3, outputDim: 2)], inputSize: 4) }
        #expect(throws: LayerError.self) {
            try Sequential([LSTM(units: 3, returnSequences: true, timeMajor: true), GRU(units: 2)], inputSize: 4)
        }
        #expect(throws: LayerError.self) {
            try Sequential([Bidirectional(LSTM(units: 3), backwardLayer: LSTM(units: 3))], inputSize: 4)
        }
        #expect(throws: LayerError.self) {
            try Sequential(
                [Bidirectional(LSTM(units: 3), mergeMode: .sum, backwardLayer: LSTM(units: 4, goBackwards: true))],
                inputSize: 4)
        }
    }

    @Test func optionsOutOfRange() throws {
        #expect(
            throws: LayerError.outOfRange(layer: "lstm", option: "units", value: "0", allowed: "1 to 16384")
        ) { try Sequential([LSTM(units: 0)], inputSize: 4) }
        #expect(throws: LayerError.self) { try Sequential([GRU(units: 3, activation: .softmax)], inputSize: 4) }
        #expect(throws: LayerError.self) { try Sequential([SimpleRNN(units: 3, dropout: 1)], inputSize: 4) }
        #expect(throws: LayerError.self) { try Sequential([LSTM(units: 3, recurrentDropout: -0.1)], inputSize: 4) }
        #expect(throws: LayerError.self) { try Sequential([Dropout(rate: .nan)], inputSize: 4) }
        #expect(throws: LayerError.self) { try Sequential([Embedding(inputDim: 0, outputDim: 2)]) }
    }

    @Test func inputsThatDoNotFit() throws {
        let model = try Sequential([LSTM(units: 3, returnState: true)], inputSize: 4)
        func values(_ shape: [Int]) -> LayerInput { .values(Tensor(zeros: shape)) }
        // Wrong rank, wrong width, no steps, token ids.
        #expect(throws: LayerError.wrongShape(what: "the input", found: [2, 4], expected: [nil, nil, nil])) {
            try model(values([2, 4]))
        }
        #expect(throws: LayerError.wrongShape(what: "the input", found: [2, 5, 6], expected: [nil, nil, 4])) {
            try model(values([2, 5, 6]))
        }
        #expect(throws: LayerError.wrongShape(what: "the input", found: [2, 0, 4], expected: [nil, nil, nil])) {
            try model(values([2, 0, 4]))
        }
        #expect(throws: LayerError.wrongInput(expected: "numbers", found: "token ids")) { try model(.tokens([[1, 2]])) }
        // States.
        func state(_ shape: [Int], cell: Bool = true) -> LayerState {
            LayerState(hidden: Tensor(zeros: shape), cell: cell ? Tensor(zeros: shape) : nil)
        }
        #expect(throws: LayerError.wrongShape(what: "the initial state", found: [3, 3], expected: [2, 3])) {
            try model(values([2, 5, 4]), initialStates: [state([3, 3])])
        }
        #expect(throws: LayerError.self) { try model(values([2, 5, 4]), initialStates: [state([2, 3], cell: false)]) }
        #expect(throws: LayerError.mismatched("more initial states than recurrent layers")) {
            try model(values([2, 5, 4]), initialStates: [state([2, 3]), state([2, 3])])
        }
        #expect(throws: LayerError.wrongShape(what: "the mask", found: [2, 4], expected: [2, 5])) {
            try model(values([2, 5, 4]), mask: [[Bool]](repeating: [true, true, true, true], count: 2))
        }
        // The message shows both shapes.
        #expect(
            LayerError.wrongShape(what: "the input", found: [2, 5, 6], expected: [nil, nil, 4]).description
                == "the input has shape [2, 5, 6], not [any, any, 4]")

        let stateful = try Sequential([LSTM(units: 3, stateful: true)], inputSize: 4)
        _ = try stateful(values([2, 5, 4]))
        #expect(throws: LayerError.wrongShape(what: "the state of the last batch", found: [2, 3], expected: [3, 3])) {
            try stateful(values([3, 5, 4]))
        }
        stateful.resetStates()
        _ = try stateful(values([3, 5, 4]))

        let words = try Sequential([Embedding(inputDim: 5, outputDim: 2), GRU(units: 3)])
        #expect(throws: LayerError.unknownToken(5, sequence: 1, step: 0, allowed: 0..<5)) {
            try words(.tokens([[1, 2], [5, 0]]))
        }
        #expect(throws: LayerError.unknownToken(-1, sequence: 0, step: 1, allowed: 0..<5)) {
            try words(.tokens([[1, -1], [4, 0]]))
        }
        #expect(throws: LayerError.wrongInput(expected: "token ids", found: "numbers")) { try words(values([1, 2, 2])) }
        #expect(throws: LayerError.self) { try words(.tokens([[], []])) }
    }

    @Test func weightsThatDoNotFit() throws {
        let model = try Sequential([SimpleRNN(units: 3)], inputSize: 2)
        let good = model.weights.map(\.tensor)
        #expect(good.map(\.shape) == [[2, 3], [3, 3], [3]])
        #expect(throws: ModelError.wrongShape(name: "simple_rnn/kernel", found: [3, 2], expected: [2, 3])) {
            try model.setWeights([Tensor(zeros: [3, 2])] + good[1...])
        }
        #expect(throws: ModelError.missingTensor(name: "simple_rnn/bias")) { try model.setWeights(Array(good[..<2])) }
        #expect(throws: ModelError.unexpectedTensor(name: "number 3")) { try model.setWeights(good + [good[0]]) }
        #expect(throws: ModelError.notFinite(name: "simple_rnn/bias", index: 1)) {
            try model.setWeights(good[..<2] + [Tensor(shape: [3], values: [0, .nan, 0])])
        }
        #expect(model.weights.map(\.tensor) == good)
    }
}
