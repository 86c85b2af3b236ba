import ChargenNN
import ChargenTensor
import ChargenTestSupport
import ChargenText
import ChargenTraining
import Testing

/// Sequences of different lengths: little padding is read, and the numbers are those of padded sequences.
@Suite struct RaggedTests {
    private func sequences(_ lengths: [Int], vocabularySize: Int = 13) -> [[Int32]] {
        var random = RandomSource(seed: 7)
        return lengths.map { length in (0..<length).map { _ in Int32(1 + random.next() % UInt64(vocabularySize - 1)) } }
    }

    private static let lengths = (0..<27).map { (row: Int) -> Int in row * 11 % 14 + 1 }

    private func model(returnsSequences: Bool = false, maskZero: Bool = true) throws -> Sequential {
        try Sequential([
            Embedding(inputDim: 13, outputDim: 6, maskZero: maskZero), Bidirectional(GRU(units: 5, returnSequences: true)),
            LSTM(units: 7, returnSequences: returnsSequences), Dense(units: 3, activation: .softmax),
        ], seed: 4)
    }

    private func targets(_ count: Int, steps: Int = 1) -> Tensor {
        Tensor(shape: [count, steps], values: (0..<count * steps).map { Float($0 * 5 % 7 % 3) })
    }

    private func padded(_ rows: [[Int32]], _ side: PaddingSide, by more: Int = 0) -> LayerInput {
        let padded = padSequences(rows, maxLength: rows.map(\.count).max()! + more, padding: side)
        return .tokens(padded.tokens, count: padded.count)
    }

    // MARK: - Padding

    /// One text of 3,000 words among 60 short ones, and other mixtures of lengths.
    @Test(arguments: [[3000], [3000, 1], [700, 3000, 90], []], [1, 8, 32, 100])
    func littlePaddingIsRead(_ long: [Int], _ size: Int) throws {
        let lengths = (0..<60).map { (row: Int) -> Int in 4 + row % 9 } + long
        let rows = sequences(lengths), model = try model()
        let examples = try Examples(
            .tokens(rows), targets(rows.count), .sparseCategoricalCrossentropy, sampleWeight: nil, classWeight: [:],
            for: model)
        let real = lengths.reduce(0, +)
        var counts: Set<Int> = []
        for seed in [nil, 1, 2, 3] as [UInt64?] {
            var random = RandomSource(seed: seed ?? 0)
            let batches = seed == nil
                ? examples.batches(of: size, byLength: true) : examples.shuffledBatches(of: size, using: &random)
            counts.insert(batches.count)
            #expect(batches.flatMap { $0 }.sorted() == Array(rows.indices), "each example once")
            #expect(batches.allSatisfy { 1...size ~= $0.count })
            let read = try batches.reduce(0) { sum, rows in
                let signal = try examples.batch(rows, for: model).signal
                return sum + signal.steps! * signal.batchSize
            }
            #expect(read >= real && read <= 2 * real, "\(read) steps for \(real) tokens")
        }
        #expect(counts.count == 1, "the number of batches depends on the order")
    }

    /// Batches of equal examples are those of equal lengths: padding does not change what is batched together.
    @Test func equalLengthsAreCutInOrder() throws {
        let examples = try Examples(
            .tokens(sequences([Int](repeating: 5, count: 10))), targets(10), .sparseCategoricalCrossentropy,
            sampleWeight: nil, classWeight: [:], for: try model(maskZero: false))
        for byLength in [false, true] {
            #expect(examples.batches(of: 4, byLength: byLength) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])
        }
        var random = RandomSource(seed: 1)
        let shuffled = examples.shuffledBatches(of: 4, using: &random)
        #expect(shuffled.map(\.count) == [4, 4, 2] && shuffled.flatMap { $0 } != Array(0..<10))
    }

    // MARK: - The same numbers

    private func losses(_ inputs: LayerInput, _ targets: Tensor, returnsSequences: Bool, batchSize: Int) throws -> [Float] {
        var options = FitOptions(epochs: 5, batchSize: batchSize, learningRate: 0.02)
        options.shuffle = false
        options.precision = .float32
        let model = try model(returnsSequences: returnsSequences)
        let history = try model.fit(
            inputs, targets, loss: .sparseCategoricalCrossentropy, options: options, validation: (inputs, targets))
        return history.flatMap { [Float($0.trainLoss), Float($0.validationLoss!), Float($0.accuracy!)] }
    }

    @Test(arguments: [5, 27]) func fittingIsThatOfPaddedSequences(_ batchSize: Int) throws {
        let rows = sequences(Self.lengths), targets = targets(27)
        let ragged = try losses(.tokens(rows), targets, returnsSequences: false, batchSize: batchSize)
        for side in [PaddingSide.pre, .post] {
            let found = try losses(padded(rows, side, by: 3), targets, returnsSequences: false, batchSize: batchSize)
            expectClose(found, ragged, absolute: 1e-5, "\(side)")
        }
        #expect(ragged[12] < ragged[0], "nothing was learned")
    }

    /// With an output for each step: all examples in one batch, since batches of ragged sequences are sorted by length.
    @Test func fittingStepsIsThatOfPaddedSequences() throws {
        let rows = sequences(Self.lengths), targets = targets(27, steps: 14)
        let ragged = try losses(.tokens(rows), targets, returnsSequences: true, batchSize: 27)
        expectClose(
            try losses(padded(rows, .post), targets, returnsSequences: true, batchSize: 27), ragged, absolute: 1e-5)
    }

    @Test(arguments: [1, 4, 256]) func predictionsKeepTheOrder(_ batchSize: Int) throws {
        let lengths = Self.lengths + [300, 1], rows = sequences(lengths)
        let model = try model(), steps = try self.model(returnsSequences: true)
        let alone = try rows.flatMap { try model.predict(.tokens([$0])).values }
        #expect(Set(alone).count > 80, "the predictions do not differ")
        for input in [.tokens(rows), padded(rows, .pre), padded(rows, .post)] {
            let found = try model.predict(input, batchSize: batchSize)
            #expect(found.shape == [29, 3])
            expectClose(found.values, alone, absolute: 1e-6)
        }
        // An output for each step; those beyond the end of a sequence are zero.
        let found = try steps.predict(.tokens(rows), batchSize: batchSize)
        #expect(found.shape == [29, 300, 3])
        for (index, row) in rows.enumerated() {
            let start = index * 900, end = start + row.count * 3
            expectClose(Array(found.values[start..<end]), try steps.predict(.tokens([row])).values, absolute: 1e-6)
            #expect(found.values[end..<start + 900].allSatisfy { $0 == 0 })
        }
    }

    // MARK: - What is refused, and what is not

    /// Also where each batch has sequences of one length only, and before anything is changed.
    @Test(arguments: [1, 4, 32]) func lengthsMustBeEqualWithoutMask(_ batchSize: Int) throws {
        let rows = sequences([4, 4, 4, 4, 6, 6, 6, 6]), targets = targets(8), loss = Loss.sparseCategoricalCrossentropy
        let model = try model(maskZero: false), before = model.weights.map(\.tensor)
        let options = FitOptions(epochs: 1, batchSize: batchSize)
        let error = LayerError.mismatched("sequences of different lengths need an Embedding with maskZero, or padSequences")
        #expect(throws: error) { try model.fit(.tokens(rows), targets, loss: loss, options: options) }
        #expect(throws: error) { try model.predict(.tokens(rows), batchSize: batchSize) }
        #expect(throws: error) { try model.evaluate(.tokens(rows), targets, loss: loss, batchSize: batchSize) }
        #expect(throws: error) { try model(.tokens(rows)) }
        let equal = LayerInput.tokens(Array(rows[..<4])), labels = self.targets(4)
        #expect(throws: error) {
            try model.fit(equal, labels, loss: loss, options: options, validation: (.tokens(rows), targets))
        }
        #expect(model.weights.map(\.tensor) == before)
        try model.fit(equal, labels, loss: loss, options: options)
        #expect(model.weights.map(\.tensor) != before)
    }

    /// Sequences of nothing but padding leave the state as it is, alone in a batch and among others.
    @Test(arguments: [1, 2, 32]) func sequencesOfPadding(_ batchSize: Int) throws {
        let rows: [[Int32]] = [[0, 0, 0, 0], [3, 5, 0, 0], [0, 0, 0, 0], [7, 0, 0, 0], [0, 0, 0, 0]]
        let model = try model(), found = try model.predict(.tokens(rows), batchSize: batchSize)
        let empty = try model.predict(.tokens([[3, 5], [], [7]]), batchSize: batchSize)
        let alone = try model.predict(.tokens([[0]])).values
        for row in [0, 2, 4] { expectClose(Array(found.values[row * 3..<row * 3 + 3]), alone, absolute: 1e-6) }
        expectClose(Array(empty.values[3..<6]), alone, absolute: 1e-6)
        expectClose(Array(found.values[3..<6]), Array(empty.values[..<3]), absolute: 1e-6)
        let history = try model.fit(
            .tokens(rows), targets(5), loss: .sparseCategoricalCrossentropy,
            options: FitOptions(epochs: 2, batchSize: batchSize))
        #expect(history.allSatisfy { $0.trainLoss > 0 && $0.characters == $0.epoch * 5 })
    }
}
