import ChargenDevice
import ChargenNN
import ChargenCPU
import ChargenTensor
import ChargenTestSupport
import Testing

/// Forward passes, what they leave behind, and the backward passes that consume it.
@Suite struct PassTests {
    private let input = LayerInput.values(.random([3, 4, 5], seed: 1))
    private let gradient = Tensor.random([3, 2], seed: 2)

    private func model() throws -> Sequential {
        try Sequential([LSTM(units: 6), Dense(units: 2, activation: .softmax)], inputSize: 5, device: .cpu(threads: 1))
    }

    @Test func aPassIsConsumed() throws {
        let model = try model()
        #expect(throws: LayerError.noForwardPass) { try model.gradients(outputGradient: gradient) }
        _ = try model(input)
        let first = try model.gradients(outputGradient: gradient)
        #expect(throws: LayerError.noForwardPass) { try model.gradients(outputGradient: gradient) }
        _ = try model(input)
        let second = try model.gradients(outputGradient: gradient)
        #expect(first.weights.map(\.tensor) == second.weights.map(\.tensor) && first.input == second.input)
    }

    /// A gradient of the wrong shape does not consume the pass.
    @Test func aWrongGradientCanBeCorrected() throws {
        let model = try model()
        let expected = try model.pass(input).weightGradients
        _ = try model(input)
        #expect(throws: LayerError.wrongShape(what: "the output's gradient", found: [3, 4], expected: [3, 2])) {
            try model.gradients(outputGradient: Tensor(zeros: [3, 4]))
        }
        let gradients = try model.gradients(outputGradient: .random([3, 2], seed: 800))
        #expect(gradients.weights.map(\.tensor) == expected)
    }

    /// Gradients of states are as many and of the same shapes as the states that were returned, or none at all.
    @Test func stateGradientsFitTheStates() throws {
        let model = try Sequential(
            [LSTM(units: 6, returnSequences: true, returnState: true), GRU(units: 2, returnState: true)], inputSize: 5)
        func zeros(_ units: Int, cell: Bool) -> LayerState {
            let zeros = Tensor(zeros: [3, units])
            return LayerState(hidden: zeros, cell: cell ? zeros : nil)
        }
        let right = [zeros(6, cell: true), zeros(2, cell: false)]
        let wrong = [
            [right[0]], [right[1]], right.reversed(), right + [right[1]], [zeros(6, cell: false), right[1]],
            [right[0], zeros(3, cell: false)],
        ]
        _ = try model(input)
        for states in wrong {
            #expect(throws: LayerError.self) { try model.gradients(outputGradient: gradient, stateGradients: states) }
        }
        let found = try model.gradients(outputGradient: gradient, stateGradients: right)
        _ = try model(input)
        #expect(try model.gradients(outputGradient: gradient).weights.map(\.tensor) == found.weights.map(\.tensor))
    }

    /// After a call that threw, the pass before it is gone, at whatever point the call failed.
    @Test func aCallThatThrewLeavesNoPass() throws {
        let model = try model()
        let wrong = LayerState(hidden: Tensor(zeros: [3, 5]), cell: Tensor(zeros: [3, 5]))
        let right = LayerState(hidden: Tensor(zeros: [3, 6]), cell: Tensor(zeros: [3, 6]))
        let calls: [() throws -> Void] = [
            { _ = try model(.tokens([[1, 2]])) }, { _ = try model(.values(Tensor(zeros: [3, 4, 6]))) },
            { _ = try model(self.input, initialStates: [wrong]) },
            { _ = try model(self.input, initialStates: [right, right]) },
            { _ = try model(self.input, mask: [[true, true]]) },
        ]
        for call in calls {
            _ = try model(input)
            #expect(throws: LayerError.self) { try call() }
            #expect(throws: LayerError.noForwardPass) { try model.gradients(outputGradient: gradient) }
        }
    }

    // MARK: Memory

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let layers: [any Layer]
        var inputSize: Int?
        var testDescription: String { name }
    }

    static let cases: [Case] = {
        let recurrent: [(String, any RecurrentLayer)] = [
            ("LSTM", LSTM(units: 6, returnSequences: true, returnState: true)),
            ("GRU", GRU(units: 6, returnSequences: true)),
            ("GRU, reset before", GRU(units: 6, resetAfter: false)),
            ("SimpleRNN", SimpleRNN(units: 6, returnSequences: true)),
            ("MultiplicativeLSTM", MultiplicativeLSTM(units: 6, returnSequences: true)),
            (
                "normalized MultiplicativeLSTM that drops",
                MultiplicativeLSTM(units: 6, layerNorm: true, dropout: 0.3, recurrentDropout: 0.4)
            ),
            ("GRU, normalized", GRU(units: 6, layerNorm: true, returnSequences: true)),
            ("LSTM backwards that drops", LSTM(units: 6, goBackwards: true, dropout: 0.3, recurrentDropout: 0.4)),
            ("GRU that drops", GRU(units: 6, returnSequences: true, dropout: 0.3, recurrentDropout: 0.4)),
            ("SimpleRNN that drops", SimpleRNN(units: 6, returnSequences: true, dropout: 0.3, recurrentDropout: 0.4)),
        ]
        let words = Embedding(inputDim: 9, outputDim: 5, maskZero: true)
        return recurrent.flatMap { name, layer in
            [
                Case(name: name, layers: [layer], inputSize: 5),
                Case(name: "Embedding, \(name)", layers: [words, layer]),
                Case(name: "OneHot, \(name)", layers: [OneHot(size: 9), layer]),
                Case(name: "Embedding, Bidirectional \(name)", layers: [words, Bidirectional(layer)]),
                Case(
                    name: "Bidirectional \(name), mul", layers: [Bidirectional(layer, mergeMode: .multiply)], inputSize: 5),
            ]
        } + [
            Case(name: "Dense", layers: [Dense(units: 6, activation: .tanh)], inputSize: 5),
            Case(name: "Embedding, Dense", layers: [words, Dense(units: 6, activation: .softmax)]),
            Case(name: "OneHot, Dense", layers: [OneHot(size: 9), Dense(units: 6)]),
            Case(name: "Dropout", layers: [Dense(units: 4), Dropout(rate: 0.3), Activation.sigmoid], inputSize: 5),
            Case(
                name: "a stack",
                layers: [
                    words, Dropout(rate: 0.2), LSTM(units: 6, returnSequences: true), Activation.tanh,
                    Bidirectional(GRU(units: 7)), Dense(units: 3),
                ]),
        ]
    }()

    /// The loss, output, final states and gradients of one pass, from states that are not zero.
    private func everything(
        _ model: Sequential, N: Int, T: Int, precision: OperandPrecision, drops: Bool
    ) throws -> [[Float]] {
        let reads = model.layers[0] is Embedding || model.layers[0] is OneHot
        let tokens = (0..<N * T).map { Int32($0 * 5 % 9) }
        let signal = try model.signal(
            of: reads ? .tokens(tokens, count: N) : .values(.random([N, T, 5], seed: UInt64(N * 100 + T))))
        let output = try model.forward(
            signal, gradients: true, random: drops ? RandomSource(seed: 6) : nil, precision: precision)
        let values = try output.matrix(ReusedMemory(), on: model.backend).tensor()
        let targets = Tensor.random(values.shape, seed: 7)
        let (loss, gradient) = try model.loss(
            .meanSquaredError, of: output,
            Loss.meanSquaredError.targets(
                targets, rows: values.shape[0], columns: values.shape[1], on: model.backend),
            countsRight: false, gradient: true)
        let sum = loss.totals.sum, back = model.backward(gradient)
        let states = (output.finalStates + back.initialStates).flatMap(\.matrices).map(\.values)
        return [[Float(sum)], values.values] + states + [back.rows?.values ?? []] + model.weightGradients
    }

    /// A model that has seen batches of other sizes, other precisions and dropouts gives what a new model gives.
    @Test(arguments: cases) func memoryOfOtherPassesIsNotSeen(_ c: Case) throws {
        func make() throws -> Sequential {
            let model = try Sequential(c.layers, inputSize: c.inputSize, device: .cpu(threads: 2))
            try model.randomizeWeights(seed: 5)
            return model
        }
        let used = try make()
        let passes: [(N: Int, T: Int, precision: OperandPrecision, drops: Bool)] = [
            (2, 3, .float32, false), (2, 3, .float32, true), (2, 11, .float32, false), (7, 4, .float32, false), (2, 3, .float32, true),
            (2, 3, .bfloat16, false), (13, 9, .bfloat16, true), (1, 1, .bfloat16, false), (3, 5, .float32, false),
            (40, 30, .float32, true), (2, 3, .float32, false),
        ]
        for (N, T, precision, drops) in passes {
            let found = try everything(used, N: N, T: T, precision: precision, drops: drops)
            let expected = try everything(make(), N: N, T: T, precision: precision, drops: drops)
            #expect(found == expected, "N \(N), T \(T), \(precision), drops \(drops)")
            #expect(found.allSatisfy { $0.allSatisfy(\.isFinite) })
        }
    }

    // MARK: Threads

    /// All models on a device share its threads, and those on the default device share them with the whole process.
    @Test func modelsShareOneTeam() throws {
        func model(threads: Int?) throws -> Sequential {
            try Sequential([Dense(units: 2)], inputSize: 3, device: .cpu(threads: threads))
        }
        func team(_ model: Sequential) throws -> WorkerTeam { try #require(model.backend as? CPUBackend).workers }
        let first = try model(threads: nil), second = try model(threads: nil)
        #expect(try team(first) === team(second) && team(first) === WorkerTeam.shared)
        let own = try model(threads: 3), other = try model(threads: 3)
        #expect(try team(own) !== team(first) && team(own) === team(other))
        #expect(try team(own).size == 3)
    }
}
