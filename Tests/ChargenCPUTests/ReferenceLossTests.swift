import ChargenCPU
import ChargenTensor
import ChargenTestSupport
import Testing

/// Losses, reductions and optimizer steps of the CPU backend against the reference backend.
@Suite struct ReferenceLossTests {
    /// The memory that a loss writes its gradient to.
    enum GradientPlace: CaseIterable { case none, outputs, float32, bfloat16 }

    /// The row with weight zero holds NaN, which nothing may read.
    @Test(arguments: availableInstructionSets, LossFunction.allCases)
    func losses(_ set: InstructionSet, _ function: LossFunction) throws {
        for place in GradientPlace.allCases {
            for (hasClasses, hasWeights) in [(false, false), (false, true), (true, false), (true, true)] {
                let absolute: Float = place == .bfloat16 ? 0.02 : 1e-5, what = "\(place), classes \(hasClasses), \(hasWeights)"
                try expectAgreement(set, absolute: absolute, relative: 1e-5, what) { backend in
                    let outputs = backend.randomMatrix(8, 39, seed: 1, in: -4..<4)
                    if hasWeights { backend.fill(outputs[3..<4], with: .nan) }
                    let losses = backend.randomMatrix(1, 9, seed: 2), hits = backend.randomMatrix(1, 8, seed: 3)
                    let classes = backend.randomIndices(8, limit: 39, seed: 4)
                    let values = backend.randomMatrix(8, 39, seed: 5, in: 0..<1)
                    // Predictions that are right: the target is ¾ in the class's column and ¼ elsewhere.
                    if !hasWeights {
                        backend.oneHot(classes, into: outputs)
                        backend.addScaled(-0.5, values, to: outputs)
                        backend.fill(values, with: 0.5)
                        let ones = backend.makeMatrix(8, 39)
                        backend.oneHot(classes, into: ones)
                        backend.add(ones, to: values)
                        backend.halve(values)
                    }
                    let gradient: Operand? =
                        switch place {
                        case .none: nil
                        case .outputs: Operand(outputs)
                        case .float32: backend.randomOperand(8, 39, .float32, seed: 6)
                        case .bfloat16: backend.randomOperand(8, 39, .bfloat16, seed: 6)
                        }
                    backend.loss(
                        function, outputs: outputs, targets: hasClasses ? .classes(classes) : .values(values),
                        weights: hasWeights ? backend.makeMatrix(1, 8, [1, 0.5, 2, 0, 1, 1, 3, 0.25]) : nil, scale: 1.5,
                        gradient: gradient, losses: losses, hits: hits)
                    // One is added to hits, because some functions have none.
                    return [("losses", losses.values), ("hits", hits.values.map { $0 + 1 })]
                        + (gradient.map { [("gradient", $0.values)] } ?? [])
                }
            }
        }
    }

    @Test(arguments: availableInstructionSets) func reductions(_ set: InstructionSet) throws {
        try expectAgreement(set, absolute: 1e-4, relative: 1e-5) { backend in
            let (x, y, scalars) = (
                backend.randomMatrix(3, 45, seed: 7), backend.randomMatrix(2, 7, seed: 8), backend.makeScalars(4)
            )
            backend.sum(x, into: scalars, at: 2)
            backend.sumOfSquares([x, y], into: scalars, at: 1)
            return [("scalars", scalars.values.map { Float($0) })]
        }
    }

    /// Rules of a step: no limit, a limit that clips, a loss that is too large, and a gradient that is not finite.
    @Test func decisions() {
        let backend = ReferenceBackend(), parameters = backend.makeMatrix(1, 2, [1, 2])
        for (norm, limit, gradient, scale) in [
            (nil, 1e9, 3, 1), (2.5, 1e9, 3, 2.5 / (5 + 1e-6)), (6, 1e9, 3, 1), (nil, 7, 3, .nan), (nil, 1e9, .infinity, .nan),
        ] as [(Double?, Double, Float, Double)] {
            let sums = StepSums(on: backend), gradients = backend.makeMatrix(1, 2, [gradient, 4])
            backend.sum(backend.makeMatrix(1, 1, [7]), into: sums.scalars, at: StepSums.loss)
            backend.sumOfSquares([gradients], into: sums.scalars, at: StepSums.squares)
            backend.decide(StepRule(norm: norm, lossLimit: limit), sums)
            #expect(sums.scalars.values[StepSums.scale].isNaN == scale.isNaN)
            #expect(scale.isNaN || abs(sums.scalars.values[StepSums.scale] - scale) < 1e-12)
            let before = parameters.values
            backend.sgdStep(
                rate: 0.1, limit: .infinity, momentum: 0, isNesterov: false,
                sums, gradients: gradients, parameters: parameters, velocities: nil)
            #expect((parameters.values == before) == scale.isNaN)
        }
    }

    @Test(arguments: availableInstructionSets, [nil, 0.5] as [Double?])
    func optimizers(_ set: InstructionSet, _ norm: Double?) throws {
        try expectAgreement(set, absolute: 1e-5) { backend in
            var (result, sums): ([(String, [Float])], StepSums) = ([], StepSums(on: backend))
            let (means, squares) = (backend.makeMatrix(1, 45), backend.makeMatrix(1, 45))
            let velocities = (0..<4).map { _ in backend.makeMatrix(1, 45) }
            let adaptiveMeans = (0..<2).map { _ in backend.makeMatrix(1, 45) }
            let adaptiveSquares = (0..<3).map { _ in backend.makeMatrix(1, 45) }
            let parameters = (0..<7).map { backend.randomMatrix(1, 45, seed: 20 + UInt64($0)) }
            // The third step is skipped.
            for step in 1...4 {
                let gradients = backend.randomMatrix(1, 45, seed: 30 + UInt64(step))
                if step == 3 { backend.fill(gradients[0..<1], with: .nan) }
                sums = StepSums(on: backend)
                backend.sumOfSquares([gradients], into: sums.scalars, at: StepSums.squares)
                backend.decide(StepRule(norm: norm, lossLimit: 1), sums)
                backend.adamStep(
                    AdamStep(
                        learningRate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-6, correction1: 0.3, correction2: 0.2,
                        limit: 0.6, decay: 0.05),
                    sums, gradients: gradients, parameters: parameters[0], means: means, squares: squares)
                backend.sgdStep(
                    rate: 0.1, limit: 0.7, momentum: 0.9, isNesterov: false,
                    sums, gradients: gradients, parameters: parameters[1],
                    velocities: velocities[0])
                backend.sgdStep(
                    rate: 0.1, limit: .infinity, momentum: 0.9, isNesterov: false,
                    sums, gradients: gradients, parameters: parameters[2],
                    velocities: nil)
                backend.sgdStep(
                    rate: 0.1, limit: 0.7, momentum: 0.8, isNesterov: true, sums, gradients: gradients,
                    parameters: parameters[3], velocities: velocities[1])
                // With a mean, centered and with momentum, and with neither.
                var adaptive = AdaptiveStep(learningRate: 0.01, limit: 0.6, squareDecay: 0.9, squareGain: 0.2)
                adaptive.innerEpsilon = 0.01
                backend.adaptiveStep(
                    adaptive, sums, gradients: gradients, parameters: parameters[4], means: nil, squares: adaptiveSquares[0],
                    velocities: nil)
                (adaptive.isCentered, adaptive.meanDecay, adaptive.momentum) = (true, 0.7, 0.85)
                backend.adaptiveStep(
                    adaptive, sums, gradients: gradients, parameters: parameters[5], means: adaptiveMeans[0],
                    squares: adaptiveSquares[1], velocities: velocities[2])
                (adaptive.isCentered, adaptive.rootFactor, adaptive.epsilon) = (false, 1.5, 1e-3)
                (adaptive.gradientWeight, adaptive.meanWeight) = (0.6, 0.8)
                backend.adaptiveStep(
                    adaptive, sums, gradients: gradients, parameters: parameters[6], means: adaptiveMeans[1],
                    squares: adaptiveSquares[2], velocities: velocities[3])
                result += parameters.enumerated().map { ("parameters \($0), step \(step)", $1.values) }
            }
            return result + ([means, squares] + velocities + adaptiveMeans + adaptiveSquares).enumerated().map { ("statistics \($0)", $1.values) }
        }
    }
}
