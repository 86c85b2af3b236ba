import ChargenDevice
import ChargenNN
import ChargenTensor
import ChargenTestSupport
import ChargenTraining
import Testing

/// Sequences of different lengths, and such as have no tokens at all.
@Suite struct PaddingTests {
    /// N, T, V, D, H, C = 6, 7, 11, 4, 5, 3. The third sequence has no tokens.
    private let sequences: [[Int32]] = [[3, 1, 4], [1, 5, 9, 2, 6, 5, 3], [], [5], [8, 9, 7, 9], [3, 2]]

    private var padded: [[Int32]] { sequences.map { $0 + [Int32](repeating: 0, count: 7 - $0.count) } }

    private func model(returnSequences: Bool) throws -> Sequential {
        let model = try Sequential(
            [
                Embedding(inputDim: 11, outputDim: 4, maskZero: true),
                LSTM(units: 5, returnSequences: returnSequences), Dense(units: 3, activation: .softmax),
            ], device: .cpu(threads: 2))
        try model.randomizeWeights(seed: 5)
        return model
    }

    private func targets(returnSequences: Bool) -> Tensor {
        let shape = returnSequences ? [6, 7] : [6]
        return Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { Float($0 * 2 % 3) })
    }

    /// What stands in a batch with a sequence changes nothing, even where all of a batch is padding.
    @Test(arguments: [1, 2, 3, 6]) func aClassifierReadsWhatIsNotPadding(_ batchSize: Int) throws {
        let model = try model(returnSequences: false), targets = targets(returnSequences: false)
        let expected = try model(.tokens(padded)).output
        let loss = Loss.sparseCategoricalCrossentropy
        let totals = try model.evaluate(.tokens(padded), targets, loss: loss)
        for inputs in [LayerInput.tokens(padded), .tokens(sequences)] {
            expectClose(try model.predict(inputs, batchSize: batchSize).values, expected.values, absolute: 1e-6)
            let found = try model.evaluate(inputs, targets, loss: loss, batchSize: batchSize)
            #expect(found.count == 6 && found.right == totals.right)
            #expect(abs(found.sum - totals.sum) < 1e-5)
        }
    }

    /// The outputs beyond the end of a sequence are zero, whatever stands beside it in a batch.
    @Test(arguments: [1, 2, 3, 6]) func aTaggerEndsWhereItsSequenceEnds(_ batchSize: Int) throws {
        let model = try model(returnSequences: true), targets = targets(returnSequences: true)
        let full = try model(.tokens(padded)).output
        let found = try model.predict(.tokens(sequences), batchSize: batchSize)
        #expect(found.shape == [6, 7, 3])
        let expected = full.values.enumerated().map { place, value in
            place / 3 % 7 < sequences[place / 21].count ? value : 0
        }
        expectClose(found.values, expected, absolute: 1e-6)
        let loss = Loss.sparseCategoricalCrossentropy
        let totals = try model.evaluate(.tokens(sequences), targets, loss: loss, batchSize: batchSize)
        let all = try model.evaluate(.tokens(padded), targets, loss: loss)
        #expect(totals.count == 17 && all.count == 17 && totals.right == all.right)
        #expect(abs(totals.sum - all.sum) < 1e-5)
    }

    @Test func noSequenceHasTokens() throws {
        let nothing = LayerInput.tokens([[], []])
        let classifier = try model(returnSequences: false)
        #expect(try classifier.predict(nothing) == classifier(.tokens([[0, 0], [0, 0]])).output)
        #expect(try model(returnSequences: true).predict(nothing) == Tensor(zeros: [2, 0, 3]))
        // Without a token for padding, there is nothing to read.
        let unmasked = try Sequential([Embedding(inputDim: 11, outputDim: 4), LSTM(units: 5)])
        #expect(throws: LayerError.wrongShape(what: "the input", found: [2, 0], expected: [nil, nil])) {
            try unmasked.predict(nothing)
        }
    }

    /// Training on batches of which some are nothing but padding.
    @Test(arguments: [false, true]) func trainingOnPadding(_ returnSequences: Bool) throws {
        for inputs in [LayerInput.tokens(padded), .tokens(sequences)] {
            let model = try model(returnSequences: returnSequences), before = model.weights.map(\.tensor)
            var options = FitOptions(epochs: 2, batchSize: 1)
            options.precision = .float32
            let history = try model.fit(
                inputs, targets(returnSequences: returnSequences), loss: .sparseCategoricalCrossentropy,
                options: options)
            #expect(history.allSatisfy { $0.trainLoss > 0.1 && $0.trainLoss.isFinite })
            let after = model.weights.map(\.tensor)
            #expect(after != before)
            #expect(after.allSatisfy { $0.values.allSatisfy(\.isFinite) })
        }
        // Where all is padding, a tagger has no predictions, no loss and nothing to learn.
        guard returnSequences else { return }
        let model = try model(returnSequences: true), before = model.weights.map(\.tensor)
        var options = FitOptions(epochs: 1, batchSize: 4)
        options.optimizer = .sgd
        options.precision = .float32
        let padding = [[Int32]](repeating: [0, 0, 0, 0, 0, 0, 0], count: 6)
        let history = try model.fit(
            .tokens(padding), targets(returnSequences: true), loss: .sparseCategoricalCrossentropy, options: options)
        #expect(history[0].trainLoss == 0 && history[0].accuracy == 0 && history[0].gradientNorm == 0)
        #expect(model.weights.map(\.tensor) == before)
    }
}
