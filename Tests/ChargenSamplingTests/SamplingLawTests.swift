import ChargenDevice
import ChargenModels
import ChargenNN
import ChargenSampling
import ChargenTensor
import ChargenTestSupport
import Foundation
import Testing

/// The text that a seed gives is one text, whatever is computed beside it and however it is asked for.
@Suite struct SamplingLawTests {
    struct Kind: Sendable, CustomTestStringConvertible {
        let cell: RNNConfiguration.Cell
        let layers: Int
        let precision: StreamPrecision
        var layerNorm = false
        var testDescription: String { "\(layers) × \(cell), \(precision)" + (layerNorm ? ", normalized" : "") }

        func model() throws -> CharacterModel {
            try .random(cell, layers: layers, embeddingSize: layers == 1 ? nil : 5, layerNorm: layerNorm)
        }
    }

    static let kinds = RNNConfiguration.Cell.allCases.flatMap { cell in
        [1, 3].flatMap { layers in
            StreamPrecision.allCases.flatMap { precision in
                (cell == .rnn ? [false] : [false, true]).map {
                    Kind(cell: cell, layers: layers, precision: precision, layerNorm: $0)
                }
            }
        }
    }
    static let threads = [1, 2, 3, 7]
    private let prefix = "ab", seed: UInt64 = 8, stream: UInt64 = 17, length = 30

    /// The text, drawn alone on one thread.
    private func stream(_ kind: Kind, threads: Int = 1) throws -> TextStream {
        try kind.model().stream(
            after: prefix, seed: seed, stream: stream, precision: kind.precision, device: .cpu(threads: threads))
    }

    private func alone(_ kind: Kind) throws -> String { String(try stream(kind).prefix(length)) }

    @Test(arguments: kinds) func aloneAndAmongOthers(_ kind: Kind) throws {
        let text = try alone(kind), model = try kind.model()
        #expect(Set(text).count > 3)
        for threads in Self.threads {
            #expect(String(try stream(kind, threads: threads).prefix(length)) == text)
            let texts = try model.generate(
                prefix: prefix, length: length, count: 64, seed: seed, precision: kind.precision,
                device: .cpu(threads: threads))
            #expect(texts.count == 64 && texts[Int(stream)] == prefix + text, "\(threads) threads")
        }
    }

    /// The 65th text is the first one of another batch of streams.
    @Test func textsBeyondOneBatch() throws {
        let model = try CharacterModel.random()
        let texts = try model.generate(prefix: prefix, length: length, count: 66, seed: seed)
        for index in [0, 63, 64, 65] {
            let alone = try model.stream(after: prefix, seed: seed, stream: UInt64(index))
            #expect(prefix + String(alone.prefix(length)) == texts[index])
        }
    }

    /// A stream of a decoder that joins late predicts at each step what the text was drawn from.
    @Test(arguments: kinds) func joiningLate(_ kind: Kind) throws {
        let model = try kind.model(), expected = try stream(kind)
        for threads in Self.threads {
            let decoder = try TokenDecoder(
                model.network, precision: kind.precision, device: .cpu(threads: threads))
            let others = try (0..<63).map { _ in try decoder.join() }
            for step in 0..<3 {
                try decoder.step(others.indices.map { Int32(($0 + step) % model.vocabulary.count) }, in: others)
            }
            let late = try decoder.join(), own = try model.encode(prefix)
            for (index, token) in own.enumerated() { try decoder.step([token, 1], in: [late, others[index]]) }
            let alone = try stream(kind)
            for step in 0..<length {
                #expect(try decoder.state(of: late) == alone.state, "step \(step), \(threads) threads")
                let next = try model.encode(String(try #require(alone.next())))
                // Its place among the others differs from step to step.
                var slots = Array(others[(step % 7)...].prefix(step * 2)), tokens = slots.indices.map { Int32($0 % 5) }
                let place = step % (slots.count + 1)
                slots.insert(late, at: place)
                tokens.insert(next[0], at: place)
                try decoder.step(tokens, in: slots)
            }
        }
        #expect(String(expected.prefix(length)) == (try alone(kind)))
    }

    /// A state, its copy from a file, and the state after reading the same text again continue alike.
    @Test(arguments: kinds) func afterAFork(_ kind: Kind) throws {
        let model = try kind.model(), first = try stream(kind), half = length / 2
        let start = String(first.prefix(half)), state = first.state
        #expect(state.tokensRead == prefix.count + half)
        let decoded = try JSONDecoder().decode(StreamState.self, from: JSONEncoder().encode(state))
        #expect(decoded == state)
        #expect(try model.read(prefix + start, precision: kind.precision) == state)
        let readOn = try model.read(start, from: model.read(prefix, precision: kind.precision), precision: kind.precision)
        #expect(readOn == state)
        func continued(_ state: StreamState, threads: Int) throws -> String {
            String(try model.stream(
                from: state, seed: 5, stream: 3, precision: kind.precision, device: .cpu(threads: threads)
            ).prefix(half))
        }
        let expected = String(try model.stream(
            after: prefix + start, seed: 5, stream: 3, precision: kind.precision).prefix(half))
        for threads in Self.threads {
            #expect(try continued(state, threads: threads) == expected)
            #expect(try continued(decoded, threads: threads) == expected)
        }
        // The fork has left the first text alone.
        #expect(start + String(first.prefix(length - half)) == (try alone(kind)))
    }

    /// The state before anything was read goes through a file too.
    @Test func aStateThatHasReadNothing() throws {
        let model = try CharacterModel.random(.gru, layers: 3), decoder = try TokenDecoder(model.network)
        let state = try decoder.state(of: decoder.join())
        #expect(state.tokensRead == 0 && state.logits.isEmpty && state.hidden.shape == [3, 19] && state.cellState == nil)
        let decoded = try JSONDecoder().decode(StreamState.self, from: JSONEncoder().encode(state))
        #expect(try decoded == state && model.read("abc", from: decoded) == model.read("abc"))
    }

    @Test(arguments: kinds) func copiesOfASampler(_ kind: Kind) throws {
        let model = try kind.model(), text = try model.encode(alone(kind))
        var sampler = try Sampler(
            model.network, options: model.sampling, seed: seed, stream: stream, streamCount: 3, precision: kind.precision)
        try sampler.start(with: model.encode(prefix))
        var drawn = try (0..<4).map { _ in try sampler.nextTokens() }
        var copies = [sampler, sampler]
        // Each copy goes on by itself, in turns, and so does what they were copied from.
        var texts = [drawn, drawn]
        for step in 4..<length {
            drawn.append(try sampler.nextTokens())
            for index in copies.indices where step % 2 == index || step > 10 {
                texts[index].append(try copies[index].nextTokens())
            }
        }
        #expect(drawn.map { $0[0] } == text)
        for found in texts { #expect(found == Array(drawn.prefix(found.count))) }
    }

    @Test(arguments: kinds) func asAnAsynchronousSequence(_ kind: Kind) async throws {
        let text = try alone(kind), characters = try kind.model().characters(
            after: prefix, seed: seed, stream: stream, precision: kind.precision, device: .cpu(threads: 3))
        for _ in 0..<2 {
            var found = ""
            for try await character in characters.prefix(length) { found.append(character) }
            #expect(found == text)
        }
    }
}
