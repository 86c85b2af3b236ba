import ChargenTensor
import ChargenText
import Testing

@Suite struct BatchTests {
    /// Lengths that divide and that do not.
    static let sizes = [(31, 2, 5), (32, 3, 5), (36, 5, 7), (101, 4, 6), (13, 3, 4), (3, 1, 2), (2, 1, 1)]

    @Test(arguments: sizes) func consecutiveCoversTheTextInOrder(_ length: Int, _ N: Int, _ T: Int) throws {
        let tokens = (0..<Int32(length)).map { $0 }
        let batches = try ConsecutiveBatches(tokens: tokens, batchSize: N, steps: T)
        let epoch = batches.epoch()
        #expect(epoch.count == batches.batchCount)
        var streams = [[Int32]](repeating: [], count: N)
        for (index, batch) in epoch.enumerated() {
            #expect(batch.batchSize == N && batch.inputs.count == batch.steps * N)
            #expect(index == epoch.count - 1 || batch.steps == T)
            for t in 0..<batch.steps {
                for n in 0..<N {
                    streams[n].append(batch.inputs[t * N + n])
                    #expect(batch.targets[t * N + n] == batch.inputs[t * N + n] + 1)
                }
            }
        }
        // One stream after the other is the text, each character once, but for fewer than N at the end.
        let covered = streams.flatMap { $0 }
        #expect(covered == Array(tokens.prefix(covered.count)))
        #expect(length - 1 - covered.count < N)
    }

    @Test(arguments: sizes) func randomUsesEachExampleOnce(_ length: Int, _ N: Int, _ T: Int) throws {
        let tokens = (0..<Int32(length)).map { $0 }
        let batches = try RandomBatches(tokens: tokens, batchSize: N, steps: T)
        var random = RandomSource(seed: 3)
        for _ in 0..<3 {
            let epoch = batches.epoch(using: &random)
            #expect(epoch.count == batches.batchCount)
            var starts: [Int32] = []
            for batch in epoch {
                #expect(batch.steps == T)
                for n in 0..<batch.batchSize {
                    let example = (0..<T).map { batch.inputs[$0 * batch.batchSize + n] }
                    #expect(example == (0..<Int32(T)).map { example[0] + $0 })
                    #expect((0..<T).allSatisfy { batch.targets[$0 * batch.batchSize + n] == example[$0] + 1 })
                    starts.append(example[0])
                }
            }
            #expect(starts.sorted() == (0..<(length - 1) / T).map { Int32($0 * T) })
        }
    }

    @Test func orderBelongsToTheSeed() throws {
        let batches = try RandomBatches(tokens: (0..<500).map { $0 }, batchSize: 4, steps: 5)
        var first = RandomSource(seed: 1), again = RandomSource(seed: 1), other = RandomSource(seed: 2)
        let epoch = batches.epoch(using: &first)
        #expect(batches.epoch(using: &again) == epoch)
        #expect(batches.epoch(using: &other) != epoch)
        #expect(batches.epoch(using: &first) != epoch)
    }

    @Test func tooShortSaysWhatWouldFit() {
        #expect(throws: TextError.tooShort(characters: 10, required: 11, batchSize: 2, steps: 5)) {
            try ConsecutiveBatches(tokens: [Int32](repeating: 0, count: 10), batchSize: 2, steps: 5)
        }
        #expect(throws: TextError.tooShort(characters: 10, required: 11, batchSize: 2, steps: 5)) {
            try RandomBatches(tokens: [Int32](repeating: 0, count: 10), batchSize: 2, steps: 5)
        }
        // Sizes whose product is no number.
        for (batchSize, steps) in [(Int.max, Int.max), (.max, 1), (1, .max), (.max, 2)] {
            let error = TextError.tooShort(characters: 9, required: .max, batchSize: batchSize, steps: steps)
            let tokens = [Int32](repeating: 0, count: 9)
            #expect(throws: error) { try ConsecutiveBatches(tokens: tokens, batchSize: batchSize, steps: steps) }
            #expect(throws: error) { try RandomBatches(tokens: tokens, batchSize: batchSize, steps: steps) }
        }
        #expect(throws: TextError.batchOutOfRange(batchSize: 0, steps: 5)) {
            try RandomBatches(tokens: [], batchSize: 0, steps: 5)
        }
        #expect(throws: TextError.batchOutOfRange(batchSize: 1, steps: 0)) {
            try ConsecutiveBatches(tokens: [], batchSize: 1, steps: 0)
        }
    }
}
