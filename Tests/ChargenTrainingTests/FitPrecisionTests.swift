import ChargenDevice
import ChargenNN
import ChargenTensor
import ChargenTestSupport
import ChargenTraining
import Testing

/// The precision of training and that of a model's other calls do not touch each other.
@Suite struct FitPrecisionTests {
    private let layers: [any Layer] = [
        Embedding(inputDim: 11, outputDim: 7), Bidirectional(LSTM(units: 9, returnSequences: true), mergeMode: .sum),
        GRU(units: 13), Dense(units: 5, activation: .softmax),
    ]
    private let inputs = LayerInput.tokens((0..<40).map { Int32($0 * 7 % 11) }, count: 8)
    private let targets = Tensor(shape: [8], values: (0..<8).map { Float($0 % 5) })

    private func model(_ precision: Precision, weights: [Tensor]? = nil) throws -> Sequential {
        let model = try Sequential(layers, seed: 4, precision: precision, device: .cpu(threads: 2))
        if let weights { try model.setWeights(weights) }
        return model
    }

    private func options(_ precision: Precision) -> FitOptions {
        var options = FitOptions(epochs: 2, batchSize: 3, learningRate: 0.01)
        options.precision = precision
        return options
    }

    /// Before, between and after the steps of training, predictions and losses are those of a model that was only given
    /// these weights.
    @Test(arguments: [Precision.automatic, .bfloat16, .float32], [Precision.float32, .bfloat16])
    func predictionsAfterTraining(_ training: Precision, _ other: Precision) throws {
        let model = try model(other), loss = Loss.sparseCategoricalCrossentropy
        func check() throws {
            let fresh = try self.model(other, weights: model.weights.map(\.tensor))
            #expect(try model.predict(inputs) == fresh.predict(inputs))
            #expect(try model(inputs) == fresh(inputs))
            #expect(try model.evaluate(inputs, targets, loss: loss) == fresh.evaluate(inputs, targets, loss: loss))
        }
        try check()
        for _ in 0..<2 {
            try model.fit(
                inputs, targets, loss: loss, options: options(training), hooks: [LambdaHook(onStep: { _ in try check() })])
            try check()
        }
    }

    /// What a model is asked between steps of training, in any precision, does not change what it learns.
    @Test(arguments: [Precision.float32, .bfloat16], [Precision.float32, .bfloat16])
    func trainingBesidePredictions(_ training: Precision, _ other: Precision) throws {
        func weights(_ model: Sequential, hooks: [any TrainingHook]) throws -> [Tensor] {
            try model.fit(
                inputs, targets, loss: .sparseCategoricalCrossentropy, options: options(training), hooks: hooks)
            return model.weights.map(\.tensor)
        }
        let asked = try model(other), plain = try model(training)
        let hook = LambdaHook(onStep: { _ in
            _ = try asked.predict(inputs)
            _ = try asked(inputs, training: true)
        })
        #expect(try weights(asked, hooks: [hook]) == weights(plain, hooks: []))
    }

    /// The forward pass before it is gone after any other use of the model, and its gradients are not those of another.
    @Test func otherUsesConsumeThePass() throws {
        let model = try model(.float32), loss = Loss.sparseCategoricalCrossentropy, gradient = Tensor(zeros: [8, 5])
        let uses: [() throws -> Void] = [
            { _ = try model.predict(self.inputs) }, { _ = try model.predict(self.inputs, batchSize: 3) },
            { _ = try model.evaluate(self.inputs, self.targets, loss: loss) },
            { _ = try model.fit(self.inputs, self.targets, loss: loss, options: self.options(.float32)) },
        ]
        for use in uses {
            _ = try model(inputs)
            try use()
            #expect(throws: LayerError.noForwardPass) { try model.gradients(outputGradient: gradient) }
            _ = try model(inputs)
            _ = try model.gradients(outputGradient: gradient)
        }
    }

    /// Training in bfloat16 is another computation than in float32, with almost the same result.
    @Test func bfloat16LearnsAlmostTheSame() throws {
        let losses = try [Precision.float32, .bfloat16].map {
            try model(.float32).fit(inputs, targets, loss: .sparseCategoricalCrossentropy, options: options($0))
                .map(\.trainLoss)
        }
        #expect(losses[0] != losses[1])
        for (exact, rounded) in zip(losses[0], losses[1]) { #expect(abs(rounded / exact - 1) < 0.01) }
    }
}
