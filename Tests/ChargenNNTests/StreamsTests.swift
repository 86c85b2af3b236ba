import ChargenNN
import ChargenTensor
import ChargenTestSupport
import Testing

/// Streams that read token by token against the network that reads all at once.
@Suite struct StreamsTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        let V, H, L: Int
        let D: Int?
        var testDescription: String { "V \(V), H \(H), L \(L), D \(D ?? 0)" }

        func model() throws -> RNNModel {
            try RNNModel(
                configuration: RNNConfiguration(vocabularySize: V, hiddenSize: H, layers: L, embeddingSize: D), seed: 9)
        }
    }

    /// The last one is large enough for several threads.
    static let shapes = [
        Shape(V: 3, H: 1, L: 1, D: nil), Shape(V: 70, H: 33, L: 1, D: nil), Shape(V: 41, H: 18, L: 3, D: 7),
        Shape(V: 600, H: 131, L: 2, D: 20),
    ]

    static let precisions: [(StreamPrecision, Float)] = [(.float32, 1e-5), (.bfloat16, 0.03), (.int8, 0.02)]

    private func tokens(_ count: Int, _ s: Shape) -> [Int32] {
        var random = RandomSource(seed: 12)
        return (0..<count).map { _ in Int32(random.next() % UInt64(s.V)) }
    }

    /// The logits after each step of `N` streams.
    private func read(
        _ tokens: [Int32], _ s: Shape, count N: Int, _ precision: StreamPrecision, threads: Int = 2,
        set: InstructionSet? = nil
    ) throws -> [[Float]] {
        let backend = try CPUBackend(threads: threads, instructionSet: set)
        let streams = try s.model().makeStreams(count: N, precision: precision, on: backend)
        return stride(from: 0, to: tokens.count, by: N).map {
            streams.step(Array(tokens[$0..<$0 + N]))
            return streams.logits.values
        }
    }

    @Test(arguments: shapes, availableInstructionSets)
    func readWhatTheNetworkReads(_ s: Shape, _ set: InstructionSet) throws {
        let N = 5, tokens = tokens(12 * N, s)
        let expected = try s.model().forward(tokens: tokens, batchSize: N).logits.values
        for (precision, tolerance) in Self.precisions {
            let found = try read(tokens, s, count: N, precision, set: set).flatMap { $0 }
            expectClose(found, expected, absolute: tolerance, "\(precision)")
        }
    }

    /// A stream does not see those beside it, nor how many threads there are: bit for bit.
    @Test(arguments: shapes) func areAsIfAlone(_ s: Shape) throws {
        let N = 9, tokens = tokens(10 * N, s)
        for (precision, _) in Self.precisions {
            let together = try read(tokens, s, count: N, precision)
            for threads in [1, 3, 7] { #expect(try read(tokens, s, count: N, precision, threads: threads) == together) }
            for n in [0, 4, N - 1] {
                let alone = try read((0..<10).map { tokens[$0 * N + n] }, s, count: 1, precision)
                for (all, one) in zip(together, alone) { #expect(Array(all[n * s.V..<(n + 1) * s.V]) == one) }
            }
        }
    }

    @Test(arguments: shapes) func statesCanBeTakenAndReset(_ s: Shape) throws {
        let backend = try CPUBackend(threads: 2), model = try s.model(), tokens = tokens(10, s)
        for (precision, _) in Self.precisions {
            let first = try model.makeStreams(count: 1, precision: precision, on: backend)
            for token in tokens.prefix(5) { first.step([token]) }
            let second = try model.makeStreams(count: 1, precision: precision, on: backend)
            let several = try model.makeStreams(count: 3, precision: precision, on: backend)
            second.takeStates(of: first)
            several.takeStates(of: first)
            #expect(second.logits.values == first.logits.values)
            for token in tokens.suffix(5) {
                first.step([token])
                second.step([token])
                several.step([token, token, token])
            }
            #expect(second.logits.values == first.logits.values)
            #expect(several.logits.values == first.logits.values + first.logits.values + first.logits.values)
            first.reset()
            first.step([tokens[0]])
            let fresh = try model.makeStreams(count: 1, precision: precision, on: backend)
            fresh.step([tokens[0]])
            #expect(first.logits.values == fresh.logits.values)
        }
    }

    /// Rounded weights cost next to nothing: the loss stays within a thousandth.
    @Test func evaluationInEveryPrecision() throws {
        let s = Shape(V: 30, H: 40, L: 2, D: nil), tokens = tokens(600, s), model = try s.model()
        let exact = try #require(try model.evaluate(tokens)).loss
        for (precision, _) in Self.precisions {
            let loss = try #require(try model.evaluate(tokens, precision: precision)).loss
            #expect(abs(loss / exact - 1) < (precision == .float32 ? 1e-6 : 1e-3), "\(precision)")
        }
        #expect(try model.evaluate(tokens, precision: .int8, progress: { _ in false }) == nil)
    }
}
