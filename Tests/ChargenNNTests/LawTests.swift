import ChargenNN
import ChargenSampling
import ChargenCPU
import ChargenTensor
import ChargenTestSupport
import Testing

/// What must hold for any model and any shape.
@Suite struct LawTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        let T, N, V, H: Int
        var L = 1
        var D: Int?
        var cell = RNNConfiguration.Cell.lstm
        var layerNorm = false
        var testDescription: String {
            "\(cell), T \(T), N \(N), V \(V), H \(H), L \(L), D \(D ?? 0)" + (layerNorm ? ", normalized" : "")
        }
        var configuration: RNNConfiguration {
            get throws {
                try RNNConfiguration(cell: cell, vocabularySize: V, hiddenSize: H, layers: L, embeddingSize: D,
                    layerNorm: layerNorm)
            }
        }
    }

    static let shapes = RNNConfiguration.Cell.allCases.flatMap { cell in
        [false, true].flatMap { layerNorm in
            lstmShapes.map { shape in
                var shape = shape
                (shape.cell, shape.layerNorm) = (cell, layerNorm)
                return shape
            }
        }
    }

    private static let lstmShapes = [
        Shape(T: 2, N: 1, V: 3, H: 1), Shape(T: 5, N: 3, V: 11, H: 7), Shape(T: 9, N: 14, V: 70, H: 33),
        Shape(T: 4, N: 7, V: 130, H: 65), Shape(T: 3, N: 32, V: 20, H: 130),
        Shape(T: 7, N: 5, V: 12, H: 18, L: 2), Shape(T: 6, N: 30, V: 400, H: 37, L: 3, D: 9),
        Shape(T: 40, N: 29, V: 17, H: 48, L: 2, D: 21),
        // Enough work that threads run the steps of a sequence in several pieces.
        Shape(T: 53, N: 47, V: 19, H: 72),
        // Weights that do not fit a thread's own cache: the work is divided by units, whatever the number of threads.
        Shape(T: 3, N: 30, V: 20, H: 270),
    ]

    private func model(_ s: Shape) throws -> RNNModel {
        try RNNModel(configuration: s.configuration, seed: 5)
    }

    private func tokens(_ s: Shape) -> [Int32] {
        var random = RandomSource(seed: 6)
        return (0..<s.T * s.N).map { _ in Int32(random.next() % UInt64(s.V)) }
    }

    @Test(arguments: shapes) func inTwoPiecesAsInOne(_ s: Shape) throws {
        let model = try model(s), tokens = tokens(s)
        let whole = try model.forward(tokens: tokens, batchSize: s.N)
        let half = s.T / 2 * s.N
        let first = try model.forward(tokens: Array(tokens[..<half]), batchSize: s.N)
        let second = try model.forward(tokens: Array(tokens[half...]), batchSize: s.N, state: first.state)
        #expect(first.logits.values + second.logits.values == whole.logits.values)
        #expect(second.state == whole.state)
    }

    @Test(arguments: shapes) func zeroStateIsNoState(_ s: Shape) throws {
        let model = try model(s), tokens = tokens(s)
        let none = try model.forward(tokens: tokens, batchSize: s.N)
        let zero = try model.forward(tokens: tokens, batchSize: s.N, state: model.zeroState(batchSize: s.N))
        #expect(none.logits == zero.logits && none.state == zero.state)
    }

    /// Sequences side by side do not see each other.
    @Test(arguments: shapes) func aBatchIsItsSequences(_ s: Shape) throws {
        let model = try model(s), tokens = tokens(s)
        let batch = try model.forward(tokens: tokens, batchSize: s.N)
        for n in [0, s.N - 1] {
            let alone = try model.forward(tokens: (0..<s.T).map { tokens[$0 * s.N + n] }, batchSize: 1)
            let rows = (0..<s.T).flatMap { t in (0..<s.V).map { batch.logits[t * s.N + n, $0] } }
            expectClose(alone.logits.values, rows, absolute: 1e-5)
        }
    }

    /// The same bits for any number of threads.
    @Test(arguments: shapes, [OperandPrecision.float32, .bfloat16])
    func threadsChangeNothing(_ s: Shape, _ precision: OperandPrecision) throws {
        let tokens = tokens(s), targets = tokens.reversed() as [Int32]
        let results = try [1, 2, 3, 7].map { threads in
            let network = try TokenNetwork(
                s.configuration, seed: 1, precision: precision, on: CPUBackend(threads: threads))
            var state = RNNState(zeros: s.N, configuration: network.configuration)
            try network.forward(tokens: tokens, steps: s.T, batchSize: s.N, state: &state)
            let logits = try network.logits.values
            let loss = try network.loss(targets: targets)
            network.backward()
            return logits + [Float(loss)] + network.gradients.flat.values
        }
        for result in results { #expect(result == results[0]) }
    }

    /// Products of bfloat16 have 8 bits: as vectors, the gradients are near those of float32, and the loss too.
    @Test(arguments: shapes) func bfloat16IsNear(_ s: Shape) throws {
        let backend = try CPUBackend(threads: 2), tokens = tokens(s)
        func run(
            _ precision: OperandPrecision, roundsWeights: Bool = false
        ) throws -> (loss: Double, gradients: [Float]) {
            let network = try TokenNetwork(s.configuration, seed: 1, precision: precision, on: backend)
            if roundsWeights {
                let weights = network.parameters.flat, rounded = backend.makeOperand(weights.rows, weights.columns, .bfloat16)
                backend.copy(Operand(weights), into: rounded)
                weights.assign(rounded.values)
                network.parametersChanged()
            }
            var state = RNNState(zeros: s.N, configuration: network.configuration)
            try network.forward(tokens: tokens, steps: s.T, batchSize: s.N, state: &state)
            let loss = try network.loss(targets: tokens.reversed())
            network.backward()
            return (loss, network.gradients.flat.values)
        }
        let exact = try run(.float32), rounded = try run(.bfloat16)
        #expect(abs(rounded.loss / exact.loss - 1) < 5e-3)
        let share = relativeDistance(rounded.gradients, exact.gradients)
        // Where gradients grow from step to step, as those of a norm over small products do, rounded weights alone change them.
        let ofWeights = relativeDistance(try run(.float32, roundsWeights: true).gradients, exact.gradients)
        #expect(share < max(3e-2, s.layerNorm ? 4 * ofWeights : 0), "\(share), of weights alone \(ofWeights)")
    }

    @Test func initialWeightsAreAsDocumented() throws {
        // More rows than the orthogonal initializer takes at once.
        let (V, H) = (40, 150)
        let model = try RNNModel(configuration: RNNConfiguration(vocabularySize: V, hiddenSize: H), seed: 2)
        let tensors = Dictionary(uniqueKeysWithValues: try model.tensors.map { ($0.name, $0.tensor) })
        let bias = tensors["rnn.bias_ih_l0"]!.values
        #expect(bias == (0..<4 * H).map { H..<2 * H ~= $0 ? 1 : 0 })
        let input = tensors["rnn.weight_ih_l0"]!.values
        #expect(input.allSatisfy { abs($0) <= Float(3).squareRoot() })
        #expect(abs(input.reduce(0) { $0 + $1 * $1 } / Float(input.count) - 1) < 0.05)
        // The recurrent kernel [H, 4H] has orthonormal rows: columns of PyTorch's [4H, H].
        let recurrent = tensors["rnn.weight_hh_l0"]!
        for i in 0..<H {
            for j in 0...i {
                let dot = (0..<4 * H).reduce(Float(0)) { $0 + recurrent[$1, i] * recurrent[$1, j] }
                #expect(abs(dot - (i == j ? 1 : 0)) < 1e-5)
            }
        }
        let limit = (6 / Float(V + H)).squareRoot()
        #expect(tensors["output.weight"]!.values.allSatisfy { abs($0) <= limit })
        #expect(model == (try RNNModel(configuration: model.configuration, seed: 2)))
        #expect(model != (try RNNModel(configuration: model.configuration, seed: 3)))
    }

    @Test func evaluationReadsOneStream() throws {
        let s = Shape(T: 700, N: 1, V: 9, H: 8)
        let model = try model(s), tokens = tokens(s)
        let logits = try model.forward(tokens: Array(tokens.dropLast()), batchSize: 1).logits
        var sum = 0.0
        for t in 0..<tokens.count - 1 {
            let row = (0..<s.V).map { Double(logits[t, $0]) }
            sum += exponentialSum(row) - row[Int(tokens[t + 1])]
        }
        let evaluation = try #require(try model.evaluate(tokens))
        #expect(evaluation.characters == 699)
        #expect(abs(evaluation.loss - sum / 699) < 1e-6)
        #expect(try model.evaluate(tokens, progress: { _ in false }) == nil)
    }

    /// The logarithm of the sum of the exponentials, by the series of ln: only for small tests.
    private func exponentialSum(_ row: [Double]) -> Double {
        let sum = row.reduce(0) { $0 + exponential($1) }
        // Newton's method on e^x = sum.
        return (0..<60).reduce(1.0) { x, _ in x - 1 + sum / exponential(x) }
    }

    @Test func wrongTensorsAreErrors() throws {
        let model = try model(Shape(T: 1, N: 1, V: 5, H: 3))
        let good = Dictionary(uniqueKeysWithValues: try model.tensors.map { ($0.name, $0.tensor) })
        func make(_ change: (inout [String: Tensor]) -> Void) throws -> RNNModel {
            var tensors = good
            change(&tensors)
            return try RNNModel(configuration: model.configuration, tensors: tensors)
        }
        #expect(try make { _ in } == model)
        #expect(throws: ModelError.missingTensor(name: "output.bias")) { try make { $0["output.bias"] = nil } }
        #expect(throws: ModelError.unexpectedTensor(name: "x")) { try make { $0["x"] = Tensor(zeros: [1]) } }
        #expect(throws: ModelError.wrongShape(name: "output.weight", found: [3, 5], expected: [5, 3])) {
            try make { $0["output.weight"] = Tensor(zeros: [3, 5]) }
        }
        #expect(throws: ModelError.notFinite(name: "output.bias", index: 2)) {
            try make { $0["output.bias"]!.values[2] = .nan }
        }
        #expect(throws: ModelError.self) { try RNNConfiguration(vocabularySize: 5, hiddenSize: 0) }
        // PyTorch's second bias is added to the first.
        let both = try make { tensors in
            tensors["rnn.bias_hh_l0"]!.values[4] = 0.5
        }
        #expect(try both.tensors.first { $0.name == "rnn.bias_ih_l0" }!.tensor.values[4] == good["rnn.bias_ih_l0"]!.values[4] + 0.5)
    }
}
