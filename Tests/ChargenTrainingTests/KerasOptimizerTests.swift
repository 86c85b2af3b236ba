import ChargenCPU
import ChargenNN
import ChargenTensor
import ChargenTestSupport
import ChargenTraining
import Testing

/// Keras's Adam by means of ours. Keras adds ε to the root of the mean of squares before it corrects that mean's bias, ours
/// (PyTorch's) afterwards: they are the same where ours has ε / √(1 − β₂ᵗ) in step t.
private struct KerasAdam: Optimizer {
    let settings: OptimizerSettings
    let weightDecay: Double

    private func adam(_ number: Int) -> Adam {
        Adam(
            beta1: settings.beta1, beta2: settings.beta2,
            epsilon: (settings.epsilon ?? 1e-7) / (1 - power(settings.beta2, Double(number))).squareRoot(),
            weightDecay: weightDecay)
    }

    var slots: [OptimizerSlot] { adam(1).slots }
    var hasWeightDecay: Bool { adam(1).hasWeightDecay }

    func step(_ run: OptimizerRun, _ step: OptimizerStep, on backend: any Backend) {
        adam(step.number).step(run, step, on: backend)
    }
}

/// Ten steps of each optimizer against Keras's.
@Suite struct KerasOptimizerTests {
    /// The parameters after each step, beside Keras's, on a kernel that decays and a bias that does not.
    private func expectSteps(_ golden: OptimizerGolden.Case, on backend: any Backend) throws {
        let all = OptimizerGolden.keras, given = golden.settings
        let kind = try #require(OptimizerKind(rawValue: golden.optimizer))
        var settings = OptimizerSettings()
        settings.beta1 = given.beta1 ?? settings.beta1
        settings.beta2 = given.beta2 ?? settings.beta2
        settings.rho = given.rho ?? settings.rho
        settings.momentum = given.momentum ?? settings.momentum
        settings.initialAccumulator = given.initialAccumulator ?? settings.initialAccumulator
        settings.weightDecay = given.weightDecay ?? settings.weightDecay
        settings.nesterov = given.nesterov ?? settings.nesterov
        settings.centered = given.centered ?? settings.centered
        settings.epsilon = given.epsilon
        let optimizer: any Optimizer = switch kind {
        case .adam: KerasAdam(settings: settings, weightDecay: 0)
        case .adamw: KerasAdam(settings: settings, weightDecay: settings.weightDecay ?? 0.01)
        default: kind.optimizer(settings)
        }
        var layout = ParameterLayout()
        let places = all.shapes.keys.sorted().map { name in
            let shape = all.shapes[name]!
            let isMatrix = shape.count > 1
            return (name, layout.add(name, rows: isMatrix ? shape[0] : 1, columns: shape.last!, decays: isMatrix))
        }
        let parameters = ParameterBuffer(layout: layout, on: backend)
        let gradients = ParameterBuffer(layout: layout, on: backend)
        for (name, index) in places { parameters[index].assign(all.initial[name]!) }
        let update = ParameterUpdate(
            optimizer, clipping: GradientClipping(norm: given.clipNorm, value: given.clipValue),
            layout: layout, on: backend)
        #expect(golden.steps.count == 10 && all.gradients.count == 10)
        for (number, expected) in golden.steps.enumerated() {
            for (name, index) in places { gradients[index].assign(all.gradients[number][name]!) }
            update.apply(
                gradients, StepSums(on: backend), lossLimit: .infinity, to: parameters, number: number + 1,
                learningRate: golden.learningRate, on: backend)
            for (name, index) in places {
                expectClose(
                    parameters[index].values, expected[name]!, absolute: 2e-6, relative: 2e-6, "step \(number + 1), \(name)")
            }
        }
    }

    @Test(arguments: OptimizerGolden.keras.cases, availableInstructionSets)
    func steps(_ golden: OptimizerGolden.Case, _ set: InstructionSet) throws {
        try expectSteps(golden, on: CPUBackend(threads: 2, instructionSet: set))
    }

    @Test(arguments: OptimizerGolden.keras.cases) func stepsOfTheReferenceBackend(_ golden: OptimizerGolden.Case) throws {
        try expectSteps(golden, on: ReferenceBackend())
    }

    /// The golden values cover every optimizer, and every setting in at least one of them.
    @Test func coverage() {
        let cases = OptimizerGolden.keras.cases, all = cases.map(\.settings)
        #expect(Set(cases.map(\.optimizer)) == Set(OptimizerKind.allCases.map(\.rawValue)))
        for setting in [
            \.beta1, \.beta2, \.epsilon, \.rho, \.momentum, \.initialAccumulator, \.weightDecay, \.clipNorm, \.clipValue,
        ] as [KeyPath<OptimizerGolden.Settings, Double?>] {
            #expect(all.contains { $0[keyPath: setting] != nil })
        }
        #expect(all.contains { $0.nesterov == true } && all.contains { $0.centered == true })
    }

    /// A change of a setting changes the steps of the optimizers that it belongs to, and of no other.
    @Test(arguments: OptimizerKind.allCases) func settingsBelongToOptimizers(_ kind: OptimizerKind) throws {
        let backend = try CPUBackend(threads: 1)
        func parameters(_ change: (inout OptimizerSettings) -> Void) -> [UInt32] {
            var settings = OptimizerSettings(), layout = ParameterLayout()
            // Nesterov's momentum needs momentum.
            if kind == .sgd { settings.momentum = 0.5 }
            change(&settings)
            let index = layout.add("kernel", rows: 3, columns: 5)
            let parameters = ParameterBuffer(layout: layout, on: backend)
            let gradients = ParameterBuffer(layout: layout, on: backend)
            parameters[index].assign((0..<15).map { Float($0) - 6 })
            gradients[index].assign((0..<15).map { Float($0 * $0 % 7) - 3.5 })
            let update = ParameterUpdate(
                kind.optimizer(settings), clipping: GradientClipping(norm: nil, value: nil), layout: layout, on: backend)
            for number in 1...2 {
                update.apply(
                    gradients, StepSums(on: backend), lossLimit: .infinity, to: parameters, number: number, learningRate: 0.1,
                    on: backend)
            }
            return parameters[index].values.map(\.bitPattern)
        }
        let before = parameters { _ in }
        for (path, change) in [
            (\.beta1, { $0.beta1 = 0.5 }), (\.beta2, { $0.beta2 = 0.5 }), (\.epsilon, { $0.epsilon = 0.5 }),
            (\.rho, { $0.rho = 0.5 }), (\.momentum, { $0.momentum = 0.75 }), (\.nesterov, { $0.nesterov = true }),
            (\.centered, { $0.centered = true }), (\.initialAccumulator, { $0.initialAccumulator = 0.5 }),
            (\.weightDecay, { $0.weightDecay = 0.5 }),
        ] as [(PartialKeyPath<OptimizerSettings>, (inout OptimizerSettings) -> Void)] {
            #expect((parameters(change) != before) == kind.settings.contains(path), "\(path)")
        }
    }
}
