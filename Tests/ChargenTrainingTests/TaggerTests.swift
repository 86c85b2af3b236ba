import ChargenNN
import ChargenCPU
import ChargenTensor
import ChargenTestSupport
import ChargenTraining
import Testing

/// Masked and weighted losses, accuracies, gradients and training steps against Keras, under every instruction set of this
/// machine.
@Suite struct TaggerTests {
    private func model(
        _ layers: [LayerDescription], _ weights: [Golden.Numbers], frozen: [Int] = [], _ set: InstructionSet
    ) throws -> Sequential {
        var made = layers.map { $0.layer() }
        for index in frozen {
            // Layers other than an embedding cannot be frozen; an embedding's weights are the first.
            try #require(index == 0 && layers[0].kind == "Embedding")
            made[0] = Embedding(weights: weights[0].tensor, maskZero: layers[0].maskZero!)
        }
        let model = try Sequential(made, on: CPUBackend(threads: 2, instructionSet: set))
        try model.setWeights(weights.map(\.tensor))
        return model
    }

    private func input(_ numbers: Golden.Numbers) -> LayerInput {
        .tokens(numbers.values.map { Int32($0) }, count: numbers.shape[0])
    }

    /// Steps over the whole batch in float32, without shuffling, clipping or a schedule.
    private func options(_ count: Int, optimizer: OptimizerKind, learningRate: Double, steps: Int) -> FitOptions {
        var options = FitOptions(epochs: Double(steps), batchSize: count, learningRate: learningRate)
        options.optimizer = optimizer
        options.shuffle = false
        options.precision = .float32
        return options
    }

    @Test(arguments: TaggerGolden.losses, availableInstructionSets)
    func outputs(_ golden: TaggerGolden.Loss, _ set: InstructionSet) throws {
        let model = try model(golden.layers, golden.weights, set)
        let output = try model(input(golden.inputs)).output
        #expect(output.shape == golden.outputs.shape)
        expectClose(output.values, golden.outputs.values, absolute: 1e-5, "outputs of a call")
        // What `predict` reads without padding has the same outputs.
        let predicted = try model.predict(input(golden.inputs))
        #expect(predicted.shape == golden.outputs.shape)
        expectClose(predicted.values, golden.outputs.values, absolute: 1e-5, "predictions")
    }

    @Test(arguments: TaggerGolden.losses, availableInstructionSets)
    func evaluate(_ golden: TaggerGolden.Loss, _ set: InstructionSet) throws {
        let model = try model(golden.layers, golden.weights, set)
        let totals = try model.evaluate(
            input(golden.inputs), golden.targets.tensor, loss: #require(Loss(rawValue: golden.lossFunction)),
            sampleWeight: golden.sampleWeight?.tensor, classWeight: golden.classWeight ?? [:])
        #expect(abs(totals.loss - golden.loss) < 1e-5, "\(totals.loss) is not \(golden.loss)")
        let outputs = golden.outputs.tensor, columns = outputs.shape.last!
        var accuracy = golden.metrics.accuracy
        if golden.lossFunction == "binary_crossentropy" && columns > 1 {
            // Ours is the share of sequences of which all outputs are on the right side of one half; Keras has other
            // measures for several outputs.
            let rights = zip(outputs.values, golden.targets.values).map { ($0 > 0.5) == ($1 > 0.5) }
            let count = outputs.shape[0]
            let right = (0..<count).count { !rights[$0 * columns..<($0 + 1) * columns].contains(false) }
            accuracy = Double(right) / Double(count)
        }
        #expect((totals.accuracy == nil) == (accuracy == nil))
        if let found = totals.accuracy, let accuracy {
            #expect(abs(found - accuracy) < 1e-5, "\(found) is not \(accuracy)")
        }
        let masked = outputs.shape.count == 3 ? golden.inputs.values.count { $0 == 0 } : 0
        #expect(totals.count == outputs.values.count / columns - masked)
    }

    /// The gradients as a step of training computes them.
    @Test(arguments: TaggerGolden.losses, availableInstructionSets)
    func gradients(_ golden: TaggerGolden.Loss, _ set: InstructionSet) throws {
        let model = try model(golden.layers, golden.weights, set)
        var found: [[Float]] = []
        let hook = LambdaHook(onStep: { loop in found = loop.network.weightGradients })
        let history = try model.fit(
            input(golden.inputs), golden.targets.tensor, loss: #require(Loss(rawValue: golden.lossFunction)),
            options: options(golden.inputs.shape[0], optimizer: .sgd, learningRate: 0.01, steps: 1),
            sampleWeight: golden.sampleWeight?.tensor, classWeight: golden.classWeight ?? [:], hooks: [hook])
        #expect(abs(history[0].trainLoss - golden.loss) < 1e-5)
        #expect(found.count == golden.gradients.count)
        for (index, (gradient, expected)) in zip(found, golden.gradients).enumerated() {
            expectClose(gradient, expected.values, absolute: 1e-6, relative: 1e-4, model.weights[index].name)
        }
    }

    /// SGD, and Adam where Keras's steps can be compared with ours.
    @Test(arguments: TaggerGolden.training.filter { !KerasAdam.squaresOccurrences($0) }, availableInstructionSets)
    func training(_ golden: TaggerGolden.Training, _ set: InstructionSet) throws {
        let model = try model(golden.layers, golden.weights, frozen: golden.frozen, set)
        let isAdam = golden.optimizer == "Adam"
        var weights: [[[Float]]] = [], gradients: [[[Float]]] = [], losses: [Double] = []
        let hook = LambdaHook(
            onStep: { loop in
                weights.append(loop.weights.map(\.tensor.values))
                gradients.append(loop.network.weightGradients)
            }, onEpoch: { _, metrics in losses.append(metrics.trainLoss) })
        try model.fit(
            input(golden.inputs), golden.targets.tensor, loss: #require(Loss(rawValue: golden.lossFunction)),
            options: options(
                golden.inputs.shape[0], optimizer: isAdam ? .adam : .sgd, learningRate: golden.learningRate,
                steps: golden.steps.count),
            hooks: [hook])
        try #require(weights.count == golden.steps.count)
        for (step, expected) in golden.steps.enumerated() {
            #expect(abs(losses[step] - expected.loss) < 1e-5, "loss of step \(step): \(losses[step])")
            for (index, numbers) in expected.weights.enumerated() {
                let name = "step \(step), \(model.weights[index].name)"
                if golden.frozen.contains(index) {
                    #expect(weights[step][index] == golden.weights[index].values, "\(name)")
                    continue
                }
                var corrected = numbers.values
                if isAdam {
                    // Without the difference of the two rules, which is known from the gradients.
                    let steps = KerasAdam.steps(gradients[...step].map { $0[index] }, rate: golden.learningRate)
                    for (place, each) in steps.enumerated() {
                        corrected[place] += Float(each.reduce(0) { $0 + $1.keras - $1.ours })
                    }
                }
                // After a first step of Adam that differs, later gradients differ too: by less than 0.5 % of a step here.
                let allowed: Float = isAdam && step > 0 ? 5e-5 : 1e-5
                expectClose(weights[step][index], corrected, absolute: allowed, name)
            }
        }
    }

    /// Each of Keras's steps of Adam from Keras's own weights before it, with our gradients there: all weights but the
    /// embedding, of which Keras squares the gradient of each occurrence of a token instead of their sum.
    @Test(arguments: TaggerGolden.training.filter(KerasAdam.squaresOccurrences), availableInstructionSets)
    func adamFromKerasWeights(_ golden: TaggerGolden.Training, _ set: InstructionSet) throws {
        var before = golden.weights, gradients: [[[Float]]] = []
        for (step, expected) in golden.steps.enumerated() {
            let model = try model(golden.layers, before, set)
            let hook = LambdaHook(onStep: { loop in gradients.append(loop.network.weightGradients) })
            let history = try model.fit(
                input(golden.inputs), golden.targets.tensor, loss: #require(Loss(rawValue: golden.lossFunction)),
                options: options(
                    golden.inputs.shape[0], optimizer: .adam, learningRate: golden.learningRate, steps: 1),
                hooks: [hook])
            #expect(abs(history[0].trainLoss - expected.loss) < 1e-5)
            for (index, numbers) in expected.weights.enumerated().dropFirst() {
                let steps = KerasAdam.steps(gradients.map { $0[index] }, rate: golden.learningRate)
                let after = zip(before[index].values, steps).map { Float(Double($0) - $1.last!.keras) }
                expectClose(numbers.values, after, absolute: 1e-5, "step \(step), \(model.weights[index].name)")
            }
            before = expected.weights
        }
    }
}

/// Keras's Adam beside ours. Keras subtracts `r·√(1 − β₂ᵗ)/(1 − β₁ᵗ) · m / (√v + 1e-7)`: it adds ε before the correction of
/// v's bias. Ours is PyTorch's, which corrects v first and adds 1e-8.
private enum KerasAdam {
    /// What both subtract from each number of a weight, step by step, given its gradients before each step.
    static func steps(_ gradients: [[Float]], rate: Double) -> [[(keras: Double, ours: Double)]] {
        gradients[0].indices.map { place in
            var mean = 0.0, square = 0.0, powers = (1.0, 1.0)
            return gradients.map { gradient in
                let g = Double(gradient[place])
                mean = 0.9 * mean + 0.1 * g
                square = 0.999 * square + 0.001 * g * g
                powers = (powers.0 * 0.9, powers.1 * 0.999)
                let step = rate * mean / (1 - powers.0), correction = (1 - powers.1).squareRoot()
                return (
                    keras: step * correction / (square.squareRoot() + 1e-7),
                    ours: step / (square.squareRoot() / correction + 1e-8)
                )
            }
        }
    }

    /// Whether a case trains an embedding with Adam. TensorFlow gives its gradient as one row for each occurrence of a
    /// token, and Keras's Adam squares these rows before it adds up those of one token. Ours squares the sum, as PyTorch
    /// does, so that the steps differ by far more than rounding.
    static func squaresOccurrences(_ golden: TaggerGolden.Training) -> Bool {
        golden.optimizer == "Adam" && !golden.frozen.contains(0)
    }
}
