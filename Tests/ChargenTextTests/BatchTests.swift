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

    /// With an offset and jitter, the streams still read each token once, but for fewer than N at the ends of the text, in
    /// equally many batches of steps near T.
    @Test(arguments: sizes, [(true, 0), (false, 0.5), (true, 0.9)])
    func cutsCoverTheText(_ size: (length: Int, N: Int, T: Int), _ options: (offset: Bool, jitter: Double)) throws {
        let (length, N, T) = size
        let batches = try ConsecutiveBatches(tokens: (0..<Int32(length)).map { $0 }, batchSize: N, steps: T)
        var random = RandomSource(seed: 5), cuts: [[TokenBatch]] = []
        for _ in 0..<20 {
            let cut = batches.cut(offset: options.offset, jitter: options.jitter, using: &random)
            let epoch = (0..<batches.batchCount).map { batches.batch($0, of: cut) }
            cuts.append(epoch)
            #expect(epoch.reduce(0) { $0 + $1.steps } == batches.streamLength)
            let most = Double(T) * (1 + options.jitter)
            #expect(epoch.allSatisfy { $0.batchSize == N && $0.steps > 0 && Double($0.steps) <= most })
            var inputs: [Int32] = []
            for n in 0..<N {
                let stream = epoch.flatMap { batch in (0..<batch.steps).map { batch.inputs[$0 * N + n] } }
                let targets = epoch.flatMap { batch in (0..<batch.steps).map { batch.targets[$0 * N + n] } }
                #expect(zip(stream, targets).allSatisfy { $0 + 1 == $1 })
                // One token after the other, but where the stream goes on at the start of the text.
                let breaks = zip(targets, stream.dropFirst()).filter { $0 != $1 }
                #expect(breaks.count <= (options.offset ? 1 : 0))
                inputs += stream
            }
            #expect(inputs.count == N * batches.streamLength && Set(inputs).count == inputs.count)
            #expect(Int(inputs.max()! - inputs.min()!) + 1 == inputs.count && Int(inputs.max()!) < length - 1)
        }
        let isFree = options.offset ? length > 2 : T > 3 && batches.batchCount > 1
        #expect(Set(cuts.map { $0[0].inputs }).count > 1 || !isFree)
    }

    /// With an offset, each token but fewer than T is an input of one example.
    @Test(arguments: sizes) func offsetsOfExamples(_ length: Int, _ N: Int, _ T: Int) throws {
        let batches = try RandomBatches(tokens: (0..<Int32(length)).map { $0 }, batchSize: N, steps: T)
        var random = RandomSource(seed: 6), firsts: Set<Int32> = []
        for _ in 0..<20 {
            let order = batches.order(offset: true, using: &random)
            let epoch = (0..<batches.batchCount).map { batches.batch($0, of: order) }
            let inputs = epoch.flatMap(\.inputs)
            #expect(inputs.count == batches.exampleCount * T && Set(inputs).count == inputs.count)
            #expect(zip(inputs, epoch.flatMap(\.targets)).allSatisfy { $0 + 1 == $1 })
            firsts.formUnion(epoch[0].inputs.prefix(1).map { $0 % Int32(T) })
        }
        #expect(firsts.count > 1 || T == 1)
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
