import Chargen
import ChargenTestSupport
import Synchronization
import Testing

/// Filters of a user's own, written with the public interface only.
@Suite struct FilterExampleTests {
    /// Never draws a token that is among the last few.
    private struct NoRepeat: LogitsFilter {
        let window: Int

        func apply(to logits: inout [Float], _ context: inout FilterContext) {
            for token in context.recentTokens.suffix(window) { logits[Int(token)] = -.infinity }
        }
    }

    /// Never draws one token.
    private struct Ban: LogitsFilter {
        let token: Int32

        func apply(to logits: inout [Float], _ context: inout FilterContext) { logits[Int(token)] = -.infinity }
    }

    /// Draws a token every few tokens, and counts by itself in order to do so.
    private struct Beat: LogitsFilter {
        let token: Int32
        let every: Int

        func apply(to logits: inout [Float], _ context: inout FilterContext) {
            let count = context.memory as? Int ?? 0
            context.memory = count + 1
            guard count % every == every - 1 else { return logits[Int(token)] = -.infinity }
            for index in logits.indices where index != Int(token) { logits[index] = -.infinity }
        }
    }

    /// Records what it is shown, and changes nothing.
    private final class Record: LogitsFilter {
        struct Entry: Equatable {
            var position: Int
            var count: Int
            var recentTokens: [Int32]
        }

        let entries = Mutex<[Entry]>([])

        func apply(to logits: inout [Float], _ context: inout FilterContext) {
            let count = context.memory as? Int ?? 0
            context.memory = count + 1
            let entry = Entry(position: context.position, count: count, recentTokens: context.recentTokens)
            entries.withLock { $0.append(entry) }
        }

        /// The entries since the last call.
        func take() -> [Entry] {
            entries.withLock { entries in
                defer { entries = [] }
                return entries
            }
        }
    }

    private func model() throws -> CharacterModel {
        let vocabulary = Vocabulary(text: "abcdefghij\n")
        let configuration = try RNNConfiguration(
            cell: .gru, vocabularySize: vocabulary.count, hiddenSize: 13, layers: 2)
        return CharacterModel(network: try RNNModel(configuration: configuration, seed: 2), vocabulary: vocabulary)
    }

    @Test(arguments: [1, 3]) func noRepeats(_ threads: Int) throws {
        let model = try model(), window = 4
        for options in [SamplingOptions(temperature: 3), SamplingOptions(greedy: true), SamplingOptions(topK: 1)] {
            let texts = try model.generate(
                prefix: "abc", length: 60, count: 9, options: options, filters: [NoRepeat(window: window)], seed: 6,
                device: .cpu(threads: threads))
            for text in texts.map(Array.init) {
                for place in 3..<text.count {
                    #expect(!text[max(0, place - window)..<place].contains(text[place]))
                }
            }
        }
    }

    @Test func severalFiltersAtOnce() throws {
        let model = try model()
        let c = try #require(model.vocabulary.id(of: "c")), x = try #require(model.vocabulary.id(of: "j"))
        let texts = try model.generate(
            prefix: "a", length: 50, count: 7, options: SamplingOptions(temperature: 5),
            filters: [Ban(token: c), Beat(token: x, every: 5)], seed: 6)
        #expect(Set(texts).count == 7)
        for text in texts {
            #expect(!text.contains("c"))
            for (place, character) in text.dropFirst().enumerated() {
                #expect((character == "j") == (place % 5 == 4))
            }
        }
        // Without the filter, there is a `c`: the filter makes the difference.
        #expect(try model.generate(
            prefix: "a", length: 50, count: 7, options: SamplingOptions(temperature: 5), seed: 6).joined().contains("c"))
    }

    /// A filter that changes nothing changes no text.
    @Test func aFilterThatOnlyLooksOn() throws {
        let model = try model()
        let text = try model.generate(prefix: "ab", length: 80, seed: 4)
        #expect(try model.generate(prefix: "ab", length: 80, filters: [Record(), NoRepeat(window: 0)], seed: 4) == text)
    }

    @Test func eachStreamHasAMemoryOfItsOwn() throws {
        let model = try model(), record = Record(), other = Record(), streams = 7, steps = 12
        var sampler = try Sampler(
            model.network, filters: [record, other], seed: 1, streamCount: streams, device: .cpu(threads: 3))
        for prefix in [[1, 2], [5]] as [[Int32]] {
            // The memory begins anew with each start.
            try sampler.start(with: prefix)
            var texts = [[Int32]](repeating: prefix, count: streams)
            for step in 0..<steps {
                let tokens = try sampler.nextTokens(), seen = record.take()
                #expect(seen.count == streams && seen.allSatisfy { $0.position == step && $0.count == step })
                #expect(Set(seen.map(\.recentTokens)) == Set(texts))
                #expect(other.take().count == streams)
                for index in texts.indices { texts[index].append(tokens[index]) }
            }
            #expect(Set(texts).count == streams)
        }
        // A copy of a sampler has a copy of the memory.
        var copy = sampler
        for step in steps..<steps + 3 {
            _ = try copy.nextTokens()
            #expect(record.take().allSatisfy { $0.count == step })
        }
        _ = try sampler.nextTokens()
        #expect(record.take().allSatisfy { $0.count == steps && $0.position == steps })
    }

    /// The recent tokens are the end of the prefix and what was drawn, also when there are more than are kept.
    @Test(arguments: [1, 3, 254, 255, 256, 257, 300]) func recentTokens(_ prefixLength: Int) throws {
        let limit = FilterContext.recentTokenLimit
        #expect(limit == 256)
        let model = try model(), record = Record()
        let prefix = (0..<prefixLength).map { Int32($0 * 7 % 11) }
        var sampler = try Sampler(
            model.network, options: SamplingOptions(temperature: 4), filters: [record], seed: 3)
        try sampler.start(with: prefix)
        var read = prefix
        for step in 0..<2 * limit + 9 {
            let token = sampler.next()
            read.append(try #require(token))
            let seen = try #require(record.take().first)
            #expect(seen.position == step && seen.recentTokens == read.dropLast().suffix(limit))
        }
    }

    /// For tests of filters, users make contexts.
    @Test func aContextOfATest() {
        let tokens = (0..<600).map { Int32($0) }
        for count in [0, 1, 255, 256, 257, 511, 512, 513, 600] {
            let context = FilterContext(recentTokens: Array(tokens.prefix(count)), position: 5)
            #expect(context.recentTokens == tokens.prefix(count).suffix(256) && context.position == 5)
            #expect(context.memory == nil)
        }
        var logits = [Float](repeating: 0, count: 5), context = FilterContext(recentTokens: [4, 1, 3])
        NoRepeat(window: 2).apply(to: &logits, &context)
        #expect(logits == [0, -.infinity, 0, -.infinity, 0])
    }
}
