import ChargenCPU
import ChargenTensor
import ChargenTestSupport
import Testing

/// The backend's losses, derivatives and optimizer steps.
@Suite struct LossOperationTests {
    private func matrix(_ rows: Int, _ columns: Int, seed: UInt64, in range: Range<Float> = -2..<2) -> Matrix {
        Matrix(rows: rows, columns: columns, seed: seed, in: range)
    }

    private func classes(_ values: [Int32], of count: Int) -> LossTargets {
        .classes(testBackend.makeIndices(values, limit: count))
    }

    /// The sums of a step whose gradients are scaled by `scale`.
    private func sums(scale: Double, on backend: any Backend) -> StepSums {
        let sums = StepSums(on: backend)
        backend.sumOfSquares([backend.makeMatrix(1, 1, [1])], into: sums.scalars, at: StepSums.squares)
        backend.decide(StepRule(norm: scale * (1 + 1e-6), lossLimit: 1), sums)
        return sums
    }

    /// The gradient is how the weighted sum of the losses changes, times the scale.
    @Test(arguments: LossFunction.allCases, [false, true]) func finiteDifferences(_ function: LossFunction, _ classes: Bool) throws {
        let backend = try CPUBackend(threads: 2), outputs = matrix(4, 5, seed: 1), weights = testBackend.makeMatrix(1, 4, [1, 0.5, 0, 2])
        let targets: LossTargets = classes ? self.classes([4, 0, 2, 2], of: 5) : .values(matrix(4, 5, seed: 2, in: 0..<1))
        let losses = Matrix(rows: 1, columns: 6), hits = Matrix(rows: 1, columns: 4)
        func sum(_ outputs: Matrix) -> Double {
            backend.loss(
                function, outputs: outputs, targets: targets, weights: weights, scale: 3, gradient: nil, losses: losses,
                hits: hits)
            return losses.sum(count: 4)
        }
        let change: Float = 1.0 / 64
        let differences = (0..<20).map { place in
            let sums = [change, -change].map { change in
                let shifted = outputs.copy
                var values = shifted.values
                values[place] += change
                shifted.assign(values)
                return sum(shifted)
            }
            return Float(3 * (sums[0] - sums[1])) / (2 * change)
        }
        let gradient = outputs.copy
        backend.loss(
            function, outputs: gradient, targets: targets, weights: weights, scale: 3, gradient: Operand(gradient),
            losses: losses, hits: nil)
        expectClose(gradient.values, differences, absolute: 1e-3, "\(function)")
    }

    @Test func hitsAreTheFirstLargest() throws {
        let backend = try CPUBackend(threads: 1), outputs = Matrix(rows: 3, columns: 3)
        outputs.assign([1, 2, 2, 1, 2, 2, 0, -1, -2])
        let losses = Matrix(rows: 1, columns: 3), hits = Matrix(rows: 1, columns: 3), targets = Matrix(rows: 3, columns: 3)
        backend.loss(
            .softmaxCrossEntropy, outputs: outputs, targets: classes([1, 2, 0], of: 3), weights: nil, scale: 1, gradient: nil,
            losses: losses, hits: hits)
        #expect(hits.values == [1, 0, 1])
        targets.assign([0, 0.5, 0.5, 0.5, 0, 0.5, 0, 0, 0])
        backend.loss(
            .softmaxCrossEntropy, outputs: outputs, targets: .values(targets), weights: nil, scale: 1, gradient: nil,
            losses: losses, hits: hits)
        #expect(hits.values == [1, 0, 1])
        targets.assign([1, 1, 1, 1, 1, 0, 0, 0, 0])
        backend.loss(
            .sigmoidCrossEntropy, outputs: outputs, targets: .values(targets), weights: testBackend.makeMatrix(1, 3, [1, 1, 0]), scale: 1, gradient: nil,
            losses: losses, hits: hits)
        #expect(hits.values == [1, 0, 0])
    }

    /// The derivatives of all activations, large enough to be shared by threads: the same bits for any number of them.
    @Test(arguments: Activation.allCases) func derivatives(_ activation: Activation) throws {
        let values = matrix(170, 131, seed: 3, in: 0..<1), gradient = matrix(170, 131, seed: 4)
        let found = try [1, 2, 3, 7].map { threads in
            let gradient = gradient.copy
            try CPUBackend(threads: threads).differentiate(activation, values: values, gradient: gradient)
            return gradient.values
        }
        #expect(found.allSatisfy { $0 == found[0] })
        let (y, g) = (values.values.map(Double.init), gradient.values.map(Double.init))
        let expected: [Double] = y.indices.map { place in
            switch activation {
            case .linear: return g[place]
            case .sigmoid: return g[place] * y[place] * (1 - y[place])
            case .hardSigmoid: return g[place] * (y[place] > 0 && y[place] < 1 ? 1.0 / 6 : 0)
            case .tanh: return g[place] * (1 - y[place] * y[place])
            case .relu: return y[place] > 0 ? g[place] : 0
            case .softmax:
                let row = place / 131 * 131..<(place / 131 + 1) * 131
                return y[place] * (g[place] - row.reduce(0) { $0 + y[$1] * g[$1] })
            }
        }
        expectClose(found[0], expected.map { Float($0) }, absolute: 1e-5, "\(activation)")
    }

    /// Two steps of SGD with momentum against the definition, and none of it where there are no velocities.
    @Test(arguments: availableInstructionSets) func momentum(_ set: InstructionSet) throws {
        let backend = try CPUBackend(threads: 2, instructionSet: set), parameters = matrix(1, 45, seed: 5)
        let velocities = Matrix(rows: 1, columns: 45)
        var (p, v) = (parameters.values.map(Double.init), [Double](repeating: 0, count: 45))
        for seed in [6, 7] as [UInt64] {
            let gradients = matrix(1, 45, seed: seed)
            backend.sgdStep(
                rate: 0.1, limit: 0.75, momentum: 0.9, isNesterov: false,
                sums(scale: 0.5, on: backend), gradients: gradients, parameters: parameters,
                velocities: velocities)
            for (place, g) in gradients.values.enumerated() {
                v[place] = 0.9 * v[place] + min(max(0.5 * Double(g), -0.75), 0.75)
                p[place] -= 0.1 * v[place]
            }
        }
        expectClose(parameters.values, p.map { Float($0) }, absolute: 1e-6)
        expectClose(velocities.values, v.map { Float($0) }, absolute: 1e-6)
        let gradients = matrix(1, 45, seed: 8), expected = zip(parameters.values, gradients.values).map { $0 - 0.1 * $1 }
        backend.sgdStep(
            rate: 0.1, limit: .infinity, momentum: 0.9, isNesterov: false,
            sums(scale: 1, on: backend), gradients: gradients, parameters: parameters,
            velocities: nil)
        expectClose(parameters.values, expected, absolute: 1e-6)
    }

    /// The decay takes its share of the parameters before the update, which stays what it is without decay.
    @Test(arguments: availableInstructionSets) func decoupledWeightDecay(_ set: InstructionSet) throws {
        let backend = try CPUBackend(threads: 2, instructionSet: set), parameters = matrix(1, 45, seed: 9)
        let gradients = matrix(1, 45, seed: 10)
        func step(_ decay: Float) -> [Float] {
            let parameters = parameters.copy
            backend.adamStep(
                AdamStep(
                    learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, correction1: 0.1, correction2: 0.0316,
                    limit: .infinity, decay: decay),
                sums(scale: 1, on: backend), gradients: gradients, parameters: parameters, means: Matrix(rows: 1, columns: 45),
                squares: Matrix(rows: 1, columns: 45))
            return parameters.values
        }
        let expected = zip(step(0), parameters.values).map { $0 - 0.125 * $1 }
        expectClose(step(0.125), expected, absolute: 1e-6)
    }
}
