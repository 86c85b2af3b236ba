import ChargenDevice
import ChargenNN
import ChargenTensor
import ChargenTestSupport
import Testing

/// What must hold for every loss of a model.
@Suite struct LossLawTests {
    /// N, T, V, D, H, C.
    private let sizes = (N: 5, T: 7, V: 11, D: 4, H: 6, C: 3)

    private func model(_ loss: Loss, scale: Int = 1, threads: Int = 2) throws -> Sequential {
        let model = try Sequential(
            [
                Embedding(inputDim: sizes.V, outputDim: sizes.D * scale, maskZero: true),
                Bidirectional(GRU(units: sizes.H * scale, returnSequences: true)),
                Dense(units: sizes.C * scale, activation: loss.activation ?? .linear),
            ], device: .cpu(threads: threads))
        try model.randomizeWeights(seed: 5)
        return model
    }

    /// Sequences of different lengths, the third of which is nothing but padding.
    private func tokens(scale: Int = 1) -> [[Int32]] {
        (0..<sizes.N * scale).map { n in
            (0..<sizes.T * scale).map { t in
                t >= [5, 7, 0, 1, 6][n % 5] * scale ? 0 : Int32((n * 3 + t * 5) % (sizes.V - 1) + 1)
            }
        }
    }

    private func targets(_ loss: Loss, rows: Int, columns: Int) -> LossTargets {
        switch loss {
        case .sparseCategoricalCrossentropy: return .classes(testBackend.makeIndices((0..<rows).map { Int32($0 * 2 % columns) }, limit: columns))
        case .categoricalCrossentropy, .binaryCrossentropy:
            let matrix = Matrix(rows: rows, columns: columns)
            matrix.assign((0..<rows * columns).map { $0 % columns == $0 / columns * 2 % columns ? 1 : 0 })
            return .values(matrix)
        case .meanSquaredError:
            let matrix = Matrix(rows: rows, columns: columns)
            matrix.assign(Tensor.random([rows, columns], seed: 6).values)
            return .values(matrix)
        }
    }

    private struct Result: Equatable {
        let totals: LossTotals
        let gradients: [[Float]]
    }

    /// The totals and the gradients of one pass. `targets` may change the targets of masked rows.
    private func run(
        _ loss: Loss, weights: [Float]? = nil, precision: OperandPrecision = .float32, scale: Int = 1, threads: Int = 2,
        changing change: (LossTargets, [UInt8]) -> LossTargets = { targets, _ in targets }
    ) throws -> Result {
        let model = try model(loss, scale: scale, threads: threads)
        let output = try model.forward(
            model.signal(of: .tokens(tokens(scale: scale))), gradients: true, skipsActivation: loss.activation != nil,
            precision: precision)
        let mask = try #require(output.mask)
        let given = change(targets(loss, rows: mask.count, columns: sizes.C * scale), mask)
        let (result, gradient) = try model.loss(
            loss, of: output, given, weights: weights, countsRight: loss.hasClasses, gradient: true)
        model.backward(gradient)
        return Result(totals: result.totals, gradients: model.weightGradients)
    }

    @Test(arguments: Loss.allCases, [OperandPrecision.float32, .bfloat16])
    func weightsScaleTheLoss(_ loss: Loss, _ precision: OperandPrecision) throws {
        let rows = sizes.N * sizes.T, plain = try run(loss, precision: precision)
        #expect(plain.totals.count == 19 && plain.totals.loss > 0.1)
        #expect(plain.gradients.allSatisfy { $0.contains { abs($0) > 1e-3 } })
        #expect(try run(loss, weights: [Float](repeating: 1, count: rows), precision: precision) == plain)
        // Twice a number of float32 or bfloat16 has the same digits.
        let doubled = try run(loss, weights: [Float](repeating: 2, count: rows), precision: precision)
        #expect(doubled.totals.sum == 2 * plain.totals.sum)
        #expect(doubled.totals.count == plain.totals.count && doubled.totals.right == plain.totals.right)
        #expect(doubled.gradients == plain.gradients.map { $0.map { 2 * $0 } })
    }

    /// The loss of several weights is the sum of those of each: the loss is linear in the weights.
    @Test(arguments: Loss.allCases) func weightsAreEachRowsOwn(_ loss: Loss) throws {
        let rows = sizes.N * sizes.T
        let first = (0..<rows).map { Float($0 % 3) }, second = (0..<rows).map { Float(2 - $0 % 3) }
        let (a, b) = (try run(loss, weights: first), try run(loss, weights: second)), plain = try run(loss)
        #expect(a.totals.sum != b.totals.sum)
        #expect(abs(a.totals.sum + b.totals.sum - 2 * plain.totals.sum) < 1e-5 * plain.totals.sum)
        for (index, gradient) in plain.gradients.enumerated() {
            expectClose(
                zip(a.gradients[index], b.gradients[index]).map { $0 + $1 }, gradient.map { 2 * $0 }, absolute: 1e-6,
                relative: 1e-4)
        }
        // A weight of zero counts nothing in the loss, but its prediction counts, as in Keras.
        let zero = try run(loss, weights: [Float](repeating: 0, count: rows))
        #expect(abs(zero.totals.sum) < 1e-30 && zero.totals.count == plain.totals.count)
        #expect(zero.totals.right == plain.totals.right)
        #expect(zero.gradients.allSatisfy { $0.allSatisfy { abs($0) < 1e-30 } })
    }

    /// Targets and weights of masked rows are never read.
    @Test(arguments: Loss.allCases) func maskedTargetsDoNotMatter(_ loss: Loss) throws {
        let rows = sizes.N * sizes.T, weights = (0..<rows).map { 0.5 + Float($0 % 4) }
        var masked: [UInt8] = []
        let plain = try run(loss, weights: weights) { targets, mask in
            masked = mask
            return targets
        }
        let odd = zip(weights, masked).map { $1 == 0 ? Float.nan : $0 }
        for bad: Float in [-1, 1000, .infinity, .nan] {
            let found = try run(loss, weights: odd) { targets, mask in
                switch targets {
                case .classes(let classes):
                    // Other classes.
                    let other: Int32 = bad == 1000 ? 0 : Int32(classes.limit) - 1
                    let changed = zip(classes.values, mask).map { $1 == 0 ? other : $0 }
                    return .classes(testBackend.makeIndices(changed, limit: classes.limit))
                case .values(let matrix):
                    let values = matrix.values.enumerated().map { mask[$0 / matrix.columns] == 0 ? bad : $1 }
                    matrix.assign(values)
                    return .values(matrix)
                }
            }
            #expect(found == plain)
        }
    }

    /// The same bits for any number of threads, in a batch large enough to be shared.
    @Test(arguments: Loss.allCases, [OperandPrecision.float32, .bfloat16])
    func threadsChangeNothing(_ loss: Loss, _ precision: OperandPrecision) throws {
        let rows = sizes.N * sizes.T * 36, weights = (0..<rows).map { 0.5 + Float($0 % 4) }
        let results = try [1, 2, 3, 7].map {
            try run(loss, weights: weights, precision: precision, scale: 6, threads: $0)
        }
        for result in results { #expect(result == results[0]) }
    }

    /// Layers under an activation that the loss contains, against finite differences. The loss must leave alone what their
    /// backward passes need.
    @Test(arguments: [Loss.binaryCrossentropy, .categoricalCrossentropy, .sparseCategoricalCrossentropy, .meanSquaredError])
    func gradientsOfStackedActivations(_ loss: Loss) throws {
        let last = loss.activation ?? .linear
        let stacks: [[any Layer]] = [
            [Dense(units: 3, activation: last)], [Dense(units: 3), last], [Dense(units: 3, activation: .tanh), last],
            [Dense(units: 3, activation: .sigmoid), Activation.tanh, last], [Dense(units: 3), Dropout(rate: 0), last],
            [GRU(units: 3), last], [Bidirectional(GRU(units: 3), mergeMode: .sum), Activation.tanh, last],
        ]
        for (number, layers) in stacks.enumerated() {
            let model = try Sequential([LSTM(units: 6, returnSequences: number >= 5)] + layers, inputSize: 4, device: .cpu(threads: 1))
            try model.randomizeWeights(seed: 5, size: 1)
            let signal = try model.signal(of: .values(.random([5, 2, 4], seed: 8)))
            func totals(gradient: Bool) throws -> (totals: LossTotals, gradient: SignalGradient) {
                let output = try model.forward(signal, gradients: true, skipsActivation: loss.activation != nil)
                let result = try model.loss(
                    loss, of: output, targets(loss, rows: 5, columns: 3), countsRight: false, gradient: gradient)
                return (result.loss.totals, result.gradient)
            }
            model.backward(try totals(gradient: true).gradient)
            let found = model.weightGradients.flatMap { $0 }, weights = model.weights.map(\.tensor), step: Float = 1e-2
            var expected: [Float] = []
            for index in weights.indices {
                for place in weights[index].values.indices {
                    func at(_ change: Float) throws -> Double {
                        var changed = weights
                        changed[index].values[place] += change
                        try model.setWeights(changed)
                        return try totals(gradient: false).totals.loss
                    }
                    expected.append(Float((try at(step) - at(-step)) / Double(2 * step)))
                }
            }
            expectClose(found, expected, absolute: 5e-4, relative: 5e-3, "stack \(number)")
            #expect(found.contains { abs($0) > 1e-2 })
        }
    }
}
