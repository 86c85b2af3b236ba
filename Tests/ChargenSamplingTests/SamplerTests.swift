import ChargenModels
import ChargenNN
import ChargenSampling
import ChargenTensor
import ChargenTestSupport
import ChargenText
import Testing

@Suite struct SamplerTests {
    private func model(_ text: String = "abcdefg\n", lineBreaks: LineBreaks = .keep) throws -> CharacterModel {
        let vocabulary = Vocabulary(text: text)
        let network = try RNNModel(
            configuration: RNNConfiguration(vocabularySize: vocabulary.count, hiddenSize: 9), seed: 4)
        return CharacterModel(network: network, vocabulary: vocabulary, lineBreaks: lineBreaks)
    }

    /// The sampler's greedy tokens are those of the model read all over again for each.
    @Test func greedyIsTheLikeliestAfterEverythingBefore() throws {
        let network = try model().network
        var sampler = try Sampler(network, options: SamplingOptions(greedy: true), seed: 0)
        // Longer than what is read at once.
        var tokens = (0..<150).map { Int32($0 % 7) }
        try sampler.start(with: tokens)
        for _ in 0..<10 {
            let logits = try network.forward(tokens: tokens, batchSize: 1).logits
            let row = (0..<8).map { logits[tokens.count - 1, $0] }
            let expected = row.indices.max { row[$0] < row[$1] }!
            #expect(sampler.next() == Int32(expected))
            tokens.append(Int32(expected))
        }
    }

    @Test func drawsAsOftenAsTheProbabilitiesSay() throws {
        let network = try model().network
        let logits = try network.forward(tokens: [2], batchSize: 1).logits.values.map { Double($0) / 0.7 }
        let weights = logits.map { exponential($0) }
        var counts = [Double](repeating: 0, count: 8)
        let options = SamplingOptions(temperature: 0.7)
        var sampler = try Sampler(network, options: options, seed: 1)
        for _ in 0..<20_000 {
            try sampler.start(with: [2])
            counts[Int(sampler.next()!)] += 1
        }
        for (count, weight) in zip(counts, weights) {
            #expect(abs(count / 20_000 - weight / weights.reduce(0, +)) < 0.015)
        }
    }

    /// Several texts side by side are the texts one by one, whatever the precision and the number of threads.
    @Test(arguments: StreamPrecision.allCases) func manyTextsAreTheSameTexts(_ precision: StreamPrecision) throws {
        let model = try model()
        let texts = try model.generate(prefix: "ab", length: 30, count: 70, seed: 8, precision: precision, device: .cpu(threads: 3))
        #expect(texts.count == 70 && Set(texts).count > 60)
        for (stream, text) in texts.enumerated() {
            let alone = try model.stream(
                after: "ab", seed: 8, stream: UInt64(stream), precision: precision, device: .cpu(threads: 1))
            #expect("ab" + String(alone.prefix(30)) == text)
        }
        #expect(throws: SamplingError.self) { try Sampler(model.network, seed: 0, streamCount: 0) }
    }

    /// A copy goes on by itself, and so does what it was copied from.
    @Test func aSamplerIsAValue() throws {
        var first = try Sampler(try model().network, seed: 3)
        try first.start(with: [1, 2])
        _ = first.next()
        var second = first
        let tokens = (0..<20).map { _ in first.next() }
        #expect((0..<20).map { _ in second.next() } == tokens)
        try second.start(with: [4])
        let next = (0..<20).map { _ in first.next() }
        var third = try Sampler(try model().network, seed: 3)
        try third.start(with: [1, 2])
        for _ in 0..<21 { _ = third.next() }
        #expect((0..<20).map { _ in third.next() } == next)
    }

    @Test func textBelongsToTheSeed() throws {
        let model = try model()
        let text = try model.generate(prefix: "abc", length: 80, seed: 5)
        #expect(text.count == 83 && text.hasPrefix("abc"))
        #expect(try model.generate(prefix: "abc", length: 80, seed: 5) == text)
        #expect(try model.generate(prefix: "abc", length: 80, seed: 6) != text)
        let other = try model.stream(after: "abc", seed: 5, stream: 1, device: .cpu(threads: 2))
        #expect("abc" + String(other.prefix(80)) != text)
        // A sampler may be used again, and starts from nothing each time.
        var sampler = try Sampler(model.network, options: SamplingOptions(greedy: true), seed: 0)
        try sampler.start(with: [0, 1])
        let first = Array(sampler.prefix(20))
        try sampler.start(with: [6, 5])
        _ = sampler.next()
        try sampler.start(with: [0, 1])
        #expect(Array(sampler.prefix(20)) == first)
        // The random numbers can begin anew too.
        var drawing = try Sampler(model.network, seed: 5), fresh = try Sampler(model.network, seed: 5, stream: 1)
        try drawing.start(with: [6])
        for _ in 0..<33 { _ = drawing.next() }
        drawing.restart(stream: 1)
        try drawing.start(with: [0, 1, 2])
        try fresh.start(with: [0, 1, 2])
        #expect(Array(drawing.prefix(80)) == Array(fresh.prefix(80)))
    }

    @Test func emptyPrefixStartsAfterALineBreak() throws {
        let greedy = SamplingOptions(greedy: true)
        let model = try model()
        let broken = try model.generate(prefix: "\n", length: 20, options: greedy, seed: 0)
        #expect(try "\n" + model.generate(length: 20, options: greedy, seed: 0) == broken)
        // Without a line break in the vocabulary there is still a text.
        #expect(try self.model("abc").generate(length: 5, seed: 0).count == 5)
        #expect(try model.generate(length: 0, seed: 0).isEmpty)
    }

    @Test func prefixesAreReadAsInTraining() throws {
        let model = try model("ab ", lineBreaks: .space)
        #expect(try model.encode("a\r\nb\n") == [1, 0, 2, 0])
        #expect(throws: TextError.unknownCharacters([.init(character: "x", offsets: [1])])) {
            try model.generate(prefix: "ax", length: 3, seed: 0)
        }
    }

    @Test func samplingLeavesTheModelAlone() throws {
        let model = try model()
        let copy = model
        _ = try model.generate(prefix: "a", length: 30, seed: 1)
        #expect(model == copy)
    }
}
