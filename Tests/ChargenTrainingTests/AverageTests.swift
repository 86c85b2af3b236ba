import ChargenNN
import ChargenTensor
import ChargenTestSupport
import ChargenTraining
import Testing

/// Averaged weights: validation and models take them, while training goes on with the others.
@Suite struct AverageTests {
    private func options(_ change: (inout TrainingOptions) -> Void = { _ in }) -> TrainingOptions {
        var options = TrainingOptions()
        options.cell = .lstm
        options.hiddenSize = 10
        options.batchSize = 3
        options.steps = 7
        options.epochs = 2
        options.validation = 0.25
        options.average = 0.2
        change(&options)
        return options
    }

    private func trainer(_ options: TrainingOptions) throws -> TokenTrainer {
        var random = RandomSource(seed: 3)
        return try TokenTrainer(
            tokens: (0..<500).map { _ in Int32(random.next() % 19) }, vocabularySize: 19, options: options)
    }

    /// The parameters after each step.
    private final class Steps: TrainingHook {
        var parameters: [[Float]] = []
        var averages: [[Float]] = []
        func stepFinished(_ loop: TrainingLoop) {
            parameters.append(loop.network.parameters.flat.values)
            averages.append(loop.modelParameters.flat.values)
        }
    }

    @Test(arguments: [0.02, 0.2, 1]) func theAverageIsTheDefinition(_ window: Double) throws {
        let trainer = try trainer(options { $0.average = window }), steps = Steps()
        try trainer.train(hooks: [steps])
        let count = steps.parameters.count
        #expect(count == 36 && steps.averages[0] == steps.parameters[0])
        let decay = 1 - 1 / max(1, window * Double(count))
        for step in [1, 7, count - 1] {
            var weights = (0...step).map { _ in 1.0 }
            for age in 1...step { weights[step - age] = weights[step - age + 1] * decay }
            let total = weights.reduce(0, +)
            let expected = steps.parameters[0].indices.map { index in
                Float((0...step).reduce(0) { $0 + weights[$1] * Double(steps.parameters[$1][index]) } / total)
            }
            expectClose(steps.averages[step], expected, absolute: 1e-5, "step \(step)")
            if window > 0.1 { #expect(steps.averages[step] != steps.parameters[step]) }
        }
    }

    /// The training itself does not change, and the figures are those of the averages.
    @Test func theModelAndItsLossAreTheAverages() throws {
        let averaged = try trainer(options()), plain = try trainer(options { $0.average = 0 })
        let steps = Steps(), others = Steps()
        try averaged.train(hooks: [steps])
        try plain.train(hooks: [others])
        #expect(steps.parameters == others.parameters && averaged.metrics?.trainLoss == plain.metrics?.trainLoss)
        #expect(averaged.model != plain.model)
        var random = RandomSource(seed: 3)
        let heldOut = (0..<500).map { _ in Int32(random.next() % 19) }.suffix(125)
        let loss = try #require(try averaged.model.evaluate(Array(heldOut))).loss
        #expect(averaged.metrics?.validationLoss == loss && plain.metrics?.validationLoss != loss)
        #expect(averaged.record.average == 0.2 && plain.record.average == nil)
        let tensors = try averaged.model.network(on: averaged.loop.network.backend)
        #expect(tensors.parameters.flat.values == steps.averages.last)
    }

    /// A model that was fitted has the averages, also where a hook stopped the run.
    @Test(arguments: [nil, 4]) func fittedModels(_ stop: Int?) throws {
        let inputs = LayerInput.values(.random([9, 4, 3], seed: 12)), targets = Tensor.random([9, 2], seed: 11)
        let model = try Sequential([SimpleRNN(units: 5), Dense(units: 2)], inputSize: 3, seed: 4)
        var fit = FitOptions(epochs: 3, batchSize: 4)
        fit.average = 0.5
        let steps = Steps(), stopping = LambdaHook(onStep: { if $0.step == stop { $0.stop() } })
        try model.fit(inputs, targets, loss: .meanSquaredError, options: fit, hooks: [steps, stopping])
        #expect(steps.averages.count == stop ?? 9)
        #expect(model.parameters.flat.values == steps.averages.last)
        #expect(steps.averages.last != steps.parameters.last)
    }

    @Test func windowsOutOfRange() {
        for window in [-0.1, 1.1, .nan] {
            #expect(throws: TrainingError.self) { try trainer(options { $0.average = window }) }
        }
    }
}
