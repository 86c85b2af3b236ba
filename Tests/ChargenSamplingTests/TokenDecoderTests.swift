import ChargenModels
import ChargenNN
import ChargenSampling
import ChargenCPU
import ChargenTensor
import ChargenTestSupport
import Testing

/// Streams that read token by token against the network that reads all at once.
@Suite struct TokenDecoderTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        let V, H, L: Int
        let D: Int?
        var cell = RNNConfiguration.Cell.lstm
        var layerNorm = false
        var testDescription: String {
            "\(cell), V \(V), H \(H), L \(L), D \(D ?? 0)" + (layerNorm ? ", normalized" : "")
        }

        func model() throws -> RNNModel {
            try RNNModel(
                configuration: RNNConfiguration(
                    cell: cell, vocabularySize: V, hiddenSize: H, layers: L, embeddingSize: D, layerNorm: layerNorm), seed: 9)
        }
    }

    /// The last one is large enough for several threads.
    static let shapes = [
        Shape(V: 3, H: 1, L: 1, D: nil), Shape(V: 70, H: 33, L: 1, D: nil), Shape(V: 41, H: 18, L: 3, D: 7),
        Shape(V: 600, H: 131, L: 2, D: 20),
        Shape(V: 70, H: 33, L: 1, D: nil, cell: .mlstm), Shape(V: 41, H: 18, L: 3, D: 7, cell: .mlstm),
        Shape(V: 70, H: 33, L: 1, D: nil, cell: .mlstm, layerNorm: true),
        Shape(V: 600, H: 131, L: 2, D: 20, cell: .mlstm, layerNorm: true),
        Shape(V: 41, H: 18, L: 1, D: 7, layerNorm: true), Shape(V: 70, H: 33, L: 2, D: nil, cell: .gru, layerNorm: true),
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
        let backend = try CPUBackend(threads: threads, instructionSet: set), model = try s.model()
        let decoder = try decoder(model, precision, on: backend), slots = try (0..<N).map { _ in try decoder.join() }
        return try stride(from: 0, to: tokens.count, by: N).map {
            try decoder.step(Array(tokens[$0..<$0 + N]), in: slots)
            return try slots.flatMap { try decoder.logits(of: $0) }
        }
    }

    private func decoder(
        _ model: RNNModel, _ precision: StreamPrecision, on backend: any Backend
    ) throws -> TokenDecoder {
        TokenDecoder(
            model.configuration,
            backend.makeDecodingWeights(try model.network(on: backend).decodingModel, precision: precision), on: backend)
    }

    @Test(arguments: shapes, availableInstructionSets)
    func readWhatTheNetworkReads(_ s: Shape, _ set: InstructionSet) throws {
        let N = 5, tokens = tokens(12 * N, s)
        let expected = try s.model().forward(tokens: tokens, batchSize: N).logits.values
        // Bytes round small states coarsely, and a norm amplifies that without bound where weights are not trained: there the loss
        // is compared instead (`evaluationInEveryPrecision`).
        for (precision, tolerance) in Self.precisions where !(s.layerNorm && precision == .int8) {
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

    /// Streams that join late, leave, pause, fork, or change their order give the numbers of streams that read alone.
    @Test(arguments: shapes) func joinAndLeaveAtAnyTime(_ s: Shape) throws {
        let model = try s.model(), tokens = tokens(60, s)
        for (precision, _) in Self.precisions {
            for threads in [1, 2, 3, 7] {
                let decoder = try TokenDecoder(model, precision: precision, device: .cpu(threads: threads))
                /// What each stream has read.
                var read: [TokenDecoder.Slot: [Int32]] = [:]
                func step(_ slots: [TokenDecoder.Slot], from place: Int) throws {
                    let next = slots.indices.map { tokens[(place + $0) % tokens.count] }
                    try decoder.step(next, in: slots)
                    for (slot, token) in zip(slots, next) { read[slot, default: []].append(token) }
                }
                let a = try decoder.join(), b = try decoder.join()
                try step([a, b], from: 0)
                try step([b], from: 3)
                let c = try decoder.join(), d = try decoder.join(try decoder.state(of: b))
                read[d] = read[b]
                try step([d, a, c], from: 7)
                try step([c, d, b, a], from: 11)
                try decoder.leave(b)
                read[b] = nil
                #expect(throws: SamplingError.unknownSlot) { try decoder.step([0, 0], in: [a, b]) }
                #expect(throws: SamplingError.unknownSlot) { try decoder.step([0, 0], in: [a, a]) }
                let e = try decoder.join()
                try decoder.read(Array(tokens[20..<29]), in: e)
                read[e] = Array(tokens[20..<29])
                try step([e, a], from: 30)
                try step([a, c, d, e], from: 33)
                #expect(decoder.slotCount == 4)
                for (slot, tokens) in read {
                    let alone = try TokenDecoder(model, precision: precision, device: .cpu(threads: 1))
                    let own = try alone.join()
                    for token in tokens { try alone.step([token], in: [own]) }
                    #expect(try decoder.state(of: slot) == alone.state(of: own), "\(precision), \(threads) threads")
                }
            }
        }
    }

    @Test func whatIsRefused() throws {
        let s = Self.shapes[1], model = try s.model(), decoder = try TokenDecoder(model), slot = try decoder.join()
        #expect(throws: SamplingError.nothingRead) { try decoder.logits(of: slot) }
        for token in [-1, 70, .max, .min] as [Int32] {
            #expect(throws: LayerError.unknownToken(token, sequence: 0, step: 1, allowed: 0..<70)) {
                try decoder.read([3, token], in: slot)
            }
            #expect(throws: LayerError.self) { try decoder.step([token], in: [slot]) }
        }
        #expect(throws: LayerError.self) { try decoder.step([1, 2], in: [slot]) }
        #expect(try decoder.state(of: slot).tokensRead == 0)
        let other = try TokenDecoder(Self.shapes[2].model()), foreign = try other.join()
        #expect(throws: SamplingError.self) { try decoder.join(other.state(of: foreign)) }
        #expect(throws: SamplingError.self) { try decoder.set(other.state(of: foreign), in: slot) }
    }

    /// Rounded weights cost next to nothing: the loss stays within a thousandth.
    @Test func evaluationInEveryPrecision() throws {
        for cell in RNNConfiguration.Cell.allCases {
            for layerNorm in [false, true] {
                // Of a second layer whose weights are not trained, a norm amplifies small differences from step to step.
                try checkEvaluation(Shape(V: 30, H: 40, L: layerNorm ? 1 : 2, D: nil, cell: cell, layerNorm: layerNorm))
            }
        }
    }

    private func checkEvaluation(_ s: Shape) throws {
        let tokens = tokens(600, s), model = try s.model()
        let exact = try #require(try model.evaluate(tokens)).loss
        for (precision, _) in Self.precisions {
            let loss = try #require(try model.evaluate(tokens, precision: precision)).loss
            #expect(abs(loss / exact - 1) < (precision == .float32 ? 1e-6 : 1e-3), "\(s), \(precision)")
        }
        #expect(try model.evaluate(tokens, precision: .int8, progress: { _ in false }) == nil)
    }
}
