import ChargenDevice
import ChargenNN
import ChargenTensor
import ChargenTestSupport
import Testing

/// What must hold for any recurrent layer and any shape.
@Suite struct LayerLawTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let N, T, D, H: Int
        let layer: any RecurrentLayer
        var testDescription: String { "\(name), N \(N), T \(T), D \(D), H \(H)" }
    }

    /// Every kind of cell in shapes that fill vectors and tiles and shapes that do not.
    static let cases: [Case] = [(2, 6, 3, 4), (17, 4, 5, 33), (3, 5, 9, 65), (1, 2, 1, 1)].flatMap { N, T, D, H in
        [
            Case(name: "LSTM", N: N, T: T, D: D, H: H, layer: LSTM(units: H, returnSequences: true, returnState: true)),
            Case(name: "GRU", N: N, T: T, D: D, H: H, layer: GRU(units: H, returnSequences: true, returnState: true)),
            Case(
                name: "GRU, reset before", N: N, T: T, D: D, H: H,
                layer: GRU(units: H, resetAfter: false, returnSequences: true, returnState: true)),
            Case(
                name: "SimpleRNN", N: N, T: T, D: D, H: H,
                layer: SimpleRNN(units: H, returnSequences: true, returnState: true)),
            Case(
                name: "MultiplicativeLSTM", N: N, T: T, D: D, H: H,
                layer: MultiplicativeLSTM(units: H, returnSequences: true, returnState: true)),
            Case(
                name: "MultiplicativeLSTM, normalized", N: N, T: T, D: D, H: H,
                layer: MultiplicativeLSTM(units: H, layerNorm: true, returnSequences: true, returnState: true)),
            Case(
                name: "LSTM, normalized", N: N, T: T, D: D, H: H,
                layer: LSTM(units: H, layerNorm: true, returnSequences: true, returnState: true)),
            Case(
                name: "GRU, normalized", N: N, T: T, D: D, H: H,
                layer: GRU(units: H, layerNorm: true, returnSequences: true, returnState: true)),
            Case(
                name: "LSTM of relu and hard sigmoid", N: N, T: T, D: D, H: H,
                layer: LSTM(
                    units: H, activation: .relu, recurrentActivation: .hardSigmoid, returnSequences: true,
                    returnState: true)),
        ]
    }

    private func numbers(_ shape: [Int], seed: UInt64) -> Tensor {
        var random = RandomSource(seed: seed)
        return Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { _ in random.uniform(in: -1..<1) })
    }

    private func input(_ c: Case) -> Tensor { numbers([c.N, c.T, c.D], seed: 3) }

    /// A state that is not zero.
    private func start(_ c: Case) -> LayerState {
        LayerState(
            hidden: numbers([c.N, c.H], seed: 4), cell: c.layer.options.kind.hasCellState ? numbers([c.N, c.H], seed: 5) : nil)
    }

    private func model(_ c: Case, _ change: (inout RecurrentOptions) -> Void = { _ in }) throws -> Sequential {
        var layer = c.layer
        change(&layer.options)
        let model = try Sequential([layer], inputSize: c.D, seed: 2, device: .cpu(threads: 2))
        // Biases that are not zero.
        try model.setWeights(model.weights.enumerated().map { numbers($1.tensor.shape, seed: 10 + UInt64($0)) })
        return model
    }

    /// The steps of `range` of `[N, T, D]`, in that order.
    private func steps(_ tensor: Tensor, _ range: some Sequence<Int>) -> Tensor {
        Tensor.joinedSteps(range.map { step in (0..<tensor.shape[0]).map { tensor.row($0, step) } })
    }

    @Test(arguments: cases) func backwardsIsForwardOverTheReversedInput(_ c: Case) throws {
        let backwards = try model(c) { $0.goBackwards = true }(.values(input(c)), initialStates: [start(c)])
        let forward = try model(c)(
            .values(steps(input(c), (0..<c.T).reversed())), initialStates: [start(c)])
        #expect(backwards == forward)
    }

    @Test(arguments: cases) func statefulHalvesAreTheWhole(_ c: Case) throws {
        let whole = try model(c)(.values(input(c)))
        let model = try model(c) { $0.stateful = true }
        for _ in 0..<2 {
            let first = try model(.values(steps(input(c), 0..<c.T / 2)))
            let second = try model(.values(steps(input(c), c.T / 2..<c.T)))
            let joined = (0..<c.T).map { step in
                (0..<c.N).map {
                    step < c.T / 2 ? first.output.row($0, step) : second.output.row($0, step - c.T / 2)
                }
            }
            #expect(Tensor.joinedSteps(joined) == whole.output)
            #expect(second.states == whole.states)
            model.resetStates()
        }
    }

    @Test(arguments: cases) func cellStepsAreTheLayer(_ c: Case) throws {
        func check(_ cell: SteppedCell<some RecurrentLayer>) throws {
            let layer = try model(c)
            try cell.setWeights(layer.weights.map(\.tensor))
            #expect(cell.zeroState(batchSize: c.N).hidden == Tensor(zeros: [c.N, c.H]))
            let whole = try layer(.values(input(c)), initialStates: [start(c)])
            var state = start(c)
            for step in 0..<c.T {
                let x = steps(input(c), step..<step + 1)
                let result = try cell(Tensor(shape: [c.N, c.D], values: x.values), state: state)
                state = result.state
                #expect(result.output.values == (0..<c.N).flatMap { whole.output.row($0, step) })
            }
            #expect([state] == whole.states)
        }
        switch c.layer {
        case let layer as LSTM: try check(LSTMCell(layer, inputSize: c.D))
        case let layer as GRU: try check(GRUCell(layer, inputSize: c.D))
        case let layer as SimpleRNN: try check(SimpleRNNCell(layer, inputSize: c.D))
        case let layer as MultiplicativeLSTM: try check(MultiplicativeLSTMCell(layer, inputSize: c.D))
        default: Issue.record("no cell for \(c.name)")
        }
    }

    /// A cell's options are those of the layer, and so are the weights that a seed gives.
    @Test func cellsTakeTheOptionsOfLayers() throws {
        func check(_ cell: SteppedCell<some RecurrentLayer>, _ layer: some RecurrentLayer) throws {
            #expect(cell.layer.options == layer.options && cell.inputSize == 3)
            let expected = try Sequential([layer], inputSize: 3, seed: 5).weights
            #expect(cell.weights.map(\.tensor) == expected.map(\.tensor) && cell.weights.map(\.name) == expected.map(\.name))
        }
        try check(LSTMCell(units: 4, inputSize: 3, seed: 5), LSTM(units: 4))
        try check(GRUCell(units: 4, inputSize: 3, seed: 5), GRU(units: 4))
        try check(SimpleRNNCell(units: 4, inputSize: 3, seed: 5), SimpleRNN(units: 4))
        try check(MultiplicativeLSTMCell(units: 4, inputSize: 3, seed: 5), MultiplicativeLSTM(units: 4))
        try check(LSTMCell(units: 4, inputSize: 3, layerNorm: true, seed: 5), LSTM(units: 4, layerNorm: true))
        try check(GRUCell(units: 4, inputSize: 3, layerNorm: true, seed: 5), GRU(units: 4, layerNorm: true))
        try check(
            MultiplicativeLSTMCell(
                units: 4, inputSize: 3, activation: .relu, recurrentActivation: .hardSigmoid, useBias: false,
                unitForgetBias: false, kernelInitializer: .ones, recurrentInitializer: .randomNormal(),
                biasInitializer: .constant(2), layerNorm: true, seed: 5),
            MultiplicativeLSTM(
                units: 4, activation: .relu, recurrentActivation: .hardSigmoid, useBias: false, unitForgetBias: false,
                kernelInitializer: .ones, recurrentInitializer: .randomNormal(), biasInitializer: .constant(2),
                layerNorm: true))
        try check(
            LSTMCell(
                units: 4, inputSize: 3, activation: .relu, recurrentActivation: .hardSigmoid, useBias: true,
                unitForgetBias: false, kernelInitializer: .ones, recurrentInitializer: .randomNormal(),
                biasInitializer: .constant(2), seed: 5),
            LSTM(
                units: 4, activation: .relu, recurrentActivation: .hardSigmoid, useBias: true, unitForgetBias: false,
                kernelInitializer: .ones, recurrentInitializer: .randomNormal(), biasInitializer: .constant(2)))
        try check(
            GRUCell(
                units: 4, inputSize: 3, activation: .linear, recurrentActivation: .tanh, useBias: false,
                resetAfter: false, kernelInitializer: .zeros, recurrentInitializer: .ones, biasInitializer: .ones, seed: 5),
            GRU(
                units: 4, activation: .linear, recurrentActivation: .tanh, useBias: false, resetAfter: false,
                kernelInitializer: .zeros, recurrentInitializer: .ones, biasInitializer: .ones))
        try check(
            SimpleRNNCell(
                units: 4, inputSize: 3, activation: .sigmoid, useBias: false, kernelInitializer: .randomUniform(),
                recurrentInitializer: .zeros, biasInitializer: .ones, seed: 5),
            SimpleRNN(
                units: 4, activation: .sigmoid, useBias: false, kernelInitializer: .randomUniform(),
                recurrentInitializer: .zeros, biasInitializer: .ones))
        #expect(throws: LayerError.self) { try LSTMCell(units: 0, inputSize: 3) }
        #expect(throws: LayerError.self) { try GRUCell(units: 2, inputSize: 0) }
        #expect(throws: LayerError.self) { try GRUCell(units: 2, inputSize: 3, resetAfter: false, layerNorm: true) }
    }

    @Test(arguments: cases, Bidirectional.MergeMode.allCases)
    func bidirectionalIsBothJoined(_ c: Case, _ mode: Bidirectional.MergeMode) throws {
        let forward = try model(c), backward = try model(c) { $0.goBackwards = true }
        let both = try Sequential([Bidirectional(c.layer, mergeMode: mode)], inputSize: c.D, device: .cpu(threads: 2))
        try both.setWeights((forward.weights + backward.weights).map(\.tensor))
        let result = try both(.values(input(c)))
        let (a, b) = (try forward(.values(input(c))), try backward(.values(input(c))))
        let turned = steps(b.output, (0..<c.T).reversed())
        let pairs = zip(a.output.values, turned.values)
        let expected: [Float] =
            switch mode {
            case .sum: pairs.map { $0 + $1 }
            case .multiply: pairs.map { $0 * $1 }
            case .average: pairs.map { ($0 + $1) / 2 }
            case .concat:
                (0..<c.N).flatMap { n in (0..<c.T).flatMap { a.output.row(n, $0) + turned.row(n, $0) } }
            }
        #expect(result.output.values == expected)
        #expect(result.states == a.states + b.states)
    }

    @Test(arguments: cases) func timeMajorIsTheSameTurned(_ c: Case) throws {
        let batches = try model(c)(.values(input(c)), initialStates: [start(c)])
        let turned = try model(c) { $0.timeMajor = true }(.values(input(c).swapped), initialStates: [start(c)])
        #expect(turned.output.swapped == batches.output)
        #expect(turned.states == batches.states)
    }

    /// A masked step leaves the state alone, wherever it stands: what is padded gives what it gives without padding.
    @Test(arguments: cases) func maskedStepsAreAsIfTheyWereNot(_ c: Case) throws {
        let model = try model(c), plain = try model(.values(input(c)), initialStates: [start(c)])
        // A step of other numbers before the first, after the last and in the middle, in different sequences.
        for place in [0, c.T / 2, c.T] {
            let longer = Tensor.joinedSteps(
                (0...c.T).map { step in
                    (0..<c.N).map { n in
                        step == place
                            ? [Float](repeating: 7, count: c.D) : input(c).row(n, step < place ? step : step - 1)
                    }
                })
            let mask = [[Bool]](repeating: (0...c.T).map { $0 != place }, count: c.N)
            let masked = try model(.values(longer), initialStates: [start(c)], mask: mask)
            #expect(masked.states == plain.states)
            #expect(steps(masked.output, (0...c.T).filter { $0 != place }) == plain.output)
        }
    }

    @Test(arguments: cases) func dropoutIsOffAtInference(_ c: Case) throws {
        let plain = try model(c)(.values(input(c)))
        let dropping = try model(c) {
            $0.dropout = 0.4
            $0.recurrentDropout = 0.4
        }
        #expect(try dropping(.values(input(c))) == plain)
        // One number may be kept by chance, but not again and again.
        let trained = try (0..<8).map { _ in try dropping(.values(input(c)), training: true) }
        #expect(trained.contains { $0 != plain })
        #expect(trained.contains { $0 != trained[0] })
    }

    @Test func dropoutKeepsTheExpectation() throws {
        let model = try Sequential([Dropout(rate: 0.3)], inputSize: 1000)
        let ones = Tensor(shape: [100, 1000], values: [Float](repeating: 1, count: 100_000))
        let dropped = try model(.values(ones), training: true).output.values
        let kept = dropped.filter { $0 != 0 }
        #expect(kept.allSatisfy { abs($0 - 1 / 0.7) < 1e-6 })
        // Five standard deviations of a binomial share.
        let deviation = (0.3 * 0.7 / 100_000).squareRoot(), share = Double(kept.count) / 100_000
        #expect(abs(share - 0.7) < 5 * deviation)
        #expect(try model(.values(ones)).output == ones)
        // The way back drops what the way forward dropped.
        let again = try model(.values(ones), training: true).output
        #expect(again.values != dropped)
        #expect(try model.gradients(outputGradient: ones).input == again)
    }

    /// The same at every step of a sequence, and other for other sequences.
    @Test func aLayersDropoutIsTheSameAtEveryStep() throws {
        let layer = SimpleRNN(
            units: 40, activation: .linear, useBias: false, kernelInitializer: .orthogonal,
            recurrentInitializer: .zeros, returnSequences: true, dropout: 0.5)
        let model = try Sequential([layer], inputSize: 40)
        let ones = Tensor(shape: [3, 4, 40], values: [Float](repeating: 1, count: 480))
        let output = try model(.values(ones), training: true).output
        for n in 0..<3 {
            for step in 1..<4 { #expect(output.row(n, step) == output.row(n, 0)) }
        }
        #expect(output.row(0, 0) != output.row(1, 0))
    }
}

extension Tensor {
    /// Row `step` of sequence `n` of `[N, T, D]`.
    fileprivate func row(_ n: Int, _ step: Int) -> [Float] {
        let first = (n * shape[1] + step) * shape[2]
        return Array(values[first..<first + shape[2]])
    }

    /// `[N, T, D]` of rows `[T][N]`.
    fileprivate static func joinedSteps(_ rows: [[[Float]]]) -> Tensor {
        let (T, N) = (rows.count, rows[0].count)
        return Tensor(
            shape: [N, T, rows[0][0].count], values: (0..<N).flatMap { n in (0..<T).flatMap { rows[$0][n] } })
    }
}
