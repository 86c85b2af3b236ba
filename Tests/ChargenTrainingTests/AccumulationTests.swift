import ChargenNN
import ChargenTensor
import ChargenTestSupport
import ChargenTraining
import Testing

/// Several batches make one optimizer step: the same as one batch of all their sequences.
@Suite struct AccumulationTests {
    private func tokens(_ count: Int) -> [Int32] {
        var random = RandomSource(seed: 14)
        return (0..<count).map { _ in Int32(random.next() % 13) }
    }

    private func train(_ batchSize: Int, accumulate: Int, clip: Double = 0.05) throws -> (loop: TrainingLoop, steps: Int) {
        var options = TrainingOptions()
        options.cell = .lstm
        options.hiddenSize = 9
        (options.batchSize, options.accumulate) = (batchSize, accumulate)
        options.steps = 5
        options.epochs = 2
        options.batching = .random
        options.validation = 0
        options.precision = .float32
        options.optimizer = .sgd
        options.learningRate = 0.5
        options.clipNorm = clip
        // 22 examples: 6 batches of 4, the last of which has 2.
        let trainer = try TokenTrainer(tokens: tokens(22 * 5 + 1), vocabularySize: 13, options: options)
        try trainer.train()
        return (trainer.loop, trainer.step)
    }

    /// Clipping takes the norm of the whole step's gradient; the last step of an epoch is smaller.
    @Test(arguments: [0, 0.05]) func twoOfHalfTheSize(_ clip: Double) throws {
        let whole = try train(8, accumulate: 1, clip: clip), parts = try train(4, accumulate: 2, clip: clip)
        #expect(whole.steps == 6 && parts.steps == 6)
        for (a, b) in zip(whole.loop.weights, parts.loop.weights) {
            expectClose(a.tensor.values, b.tensor.values, absolute: 1e-5, "\(a.name), clip \(clip)")
        }
        let (a, b) = (try #require(whole.loop.metrics), try #require(parts.loop.metrics))
        #expect(abs(a.trainLoss - b.trainLoss) < 1e-6 && abs(a.gradientNorm / b.gradientNorm - 1) < 1e-4)
        #expect(a.characters == b.characters && b.learningRate == a.learningRate)
        #expect(parts.loop.progress.stepsPerEpoch == 3 && parts.loop.progress.share == 1)
        // Batches of half the size by themselves are something else.
        let others = try train(4, accumulate: 1, clip: clip)
        #expect(others.steps == 12 && others.loop.weights[0].tensor != parts.loop.weights[0].tensor)
    }

    /// More batches than an epoch has are all of them.
    @Test func moreThanAnEpoch() throws {
        let all = try train(22, accumulate: 1), parts = try train(5, accumulate: 9)
        #expect(all.steps == 2 && parts.steps == 2)
        for (a, b) in zip(all.loop.weights, parts.loop.weights) {
            expectClose(a.tensor.values, b.tensor.values, absolute: 1e-5, "\(a.name)")
        }
    }

    /// Batches of different numbers of predictions, of which masked ones do not count: the mean is that of all of them.
    @Test func raggedExamples() throws {
        func weights(_ batchSize: Int, _ accumulate: Int) throws -> [Float] {
            let model = try Sequential(
                [
                    Embedding(inputDim: 7, outputDim: 4, maskZero: true), GRU(units: 5, returnSequences: true),
                    Dense(units: 3, activation: .softmax),
                ], seed: 2)
            let tokens: [[Int32]] = [[1, 2, 3, 4, 5], [6, 1], [3], [2, 2, 4, 1]]
            let targets = Tensor(shape: [4, 5], values: (0..<20).map { Float($0 % 3) })
            var options = FitOptions(epochs: 3, batchSize: batchSize, learningRate: 0.5)
            (options.optimizer, options.shuffle, options.accumulate) = (.sgd, false, accumulate)
            options.precision = .float32
            try model.fit(.tokens(tokens), targets, loss: .sparseCategoricalCrossentropy, options: options)
            return model.parameters.flat.values
        }
        let whole = try weights(4, 1)
        expectClose(try weights(1, 4), whole, absolute: 1e-5, "four of one")
        expectClose(try weights(3, 2), whole, absolute: 1e-5, "three and one")
        #expect(try weights(1, 1) != whole)
    }
}
