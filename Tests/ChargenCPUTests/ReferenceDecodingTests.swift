import ChargenCPU
import ChargenTensor
import ChargenTestSupport
import Testing

/// Decoding of the CPU backend against the reference backend.
@Suite struct ReferenceDecodingTests {
    private static let H = 37, V = 67

    private static func model(
        _ kind: CellKind, layers: Int, isNormalized: Bool = false, on backend: any Backend
    ) -> DecodingModel {
        let recurrentBias = kind.hasRecurrentBias ? backend.randomMatrix(1, kind.gates * H, seed: 3) : nil
        return DecodingModel(
            kind: kind,
            layers: (0..<layers).map { layer in
                let seed = 10 * UInt64(layer)
                return DecodingModel.Layer(
                    kernel: backend.randomMatrix(layer == 0 ? V : H, kind.inputs * H, seed: seed, in: -0.5..<0.5),
                    recurrent: backend.randomMatrix(H, kind.gates * H, seed: seed + 1, in: -0.25..<0.25),
                    bias: backend.randomMatrix(1, kind.inputs * H, seed: seed + 2), recurrentBias: recurrentBias,
                    second: kind.secondProduct.map { _ in backend.randomMatrix(H, H, seed: seed + 6, in: -0.5..<0.5) },
                    norm: isNormalized
                        ? (backend.randomMatrix(1, kind.gates * H, seed: seed + 7, in: 0.2..<1.2), 1e-3) : nil)
            },
            output: backend.randomMatrix(H, V, seed: 4), outputBias: backend.randomMatrix(1, V, seed: 5))
    }

    /// Streams that join, leave, change places and continue from a state that was taken out.
    @Test(arguments: availableInstructionSets, [CellKind.lstm, .gru, .simpleRNN, .multiplicativeLSTM])
    func steps(_ set: InstructionSet, _ kind: CellKind) throws {
        for choice in 2...7 {
            let (layers, isNormalized) = (choice / 2, choice % 2 != 0)
            try expectAgreement(set, absolute: 1e-4, "\(layers) layers, normalized \(isNormalized)") { backend in
                let model = Self.model(kind, layers: layers, isNormalized: isNormalized, on: backend)
                let weights = backend.makeDecodingWeights(model, precision: .float32)
                let streams = backend.makeStreams(weights, capacity: 5)
                streams.step([3, 66, 0], computesLogits: true)
                streams.step([7, 7, 12, 65], computesLogits: true)
                streams.swapRows(0, 3)
                streams.step([1, 2], computesLogits: false)
                let state = streams.state(ofRow: 1), logits = Self.logits(1, of: streams)
                streams.set(row: 4, state: state, logits: logits)
                streams.set(row: 2, state: state, logits: nil)
                streams.step([9, 8, 5], computesLogits: true)
                return (0..<5).map { ("state \($0)", streams.state(ofRow: $0)) }
                    + (0..<5).map { ("logits \($0)", Self.logits($0, of: streams)) }
            }
        }
    }

    private static func logits(_ row: Int, of streams: any DecodingStreams) -> [Float] {
        var logits = [Float](repeating: 0, count: V)
        streams.copyLogits(ofRow: row, to: &logits)
        return logits
    }

    /// Every row is visited once, with its own logits, which `body` changes in a copy only.
    @Test func eachRow() throws {
        let backend = ReferenceBackend()
        let weights = backend.makeDecodingWeights(Self.model(.gru, layers: 1, on: backend), precision: .automatic)
        let streams = backend.makeStreams(weights, capacity: 4), before = (1...3).map { Int32(10 * $0) }
        streams.step(before, computesLogits: true)
        let expected = (0..<3).map { Self.logits($0, of: streams) }
        streams.forEachRow(3) { row, logits in
            #expect(logits == expected[row])
            logits[0] = .nan
        }
        #expect((0..<3).map { Self.logits($0, of: streams) } == expected)
    }

    @Test(arguments: availableInstructionSets) func weightsOfTokens(_ set: InstructionSet) throws {
        try expectAgreement(set, absolute: 1e-6, relative: 1e-5) { backend in
            var weights = backend.randomMatrix(1, 131, seed: 6, in: -9..<9).values
            let sum = backend.softmaxWeights(of: &weights)
            return [("weights", weights), ("sum", [sum])]
        }
        let backends: [any Backend] = [try CPUBackend(threads: 1, instructionSet: set), ReferenceBackend()]
        for backend in backends {
            for bad in [[1, .nan, 2], [.infinity, 1], [-.infinity, -.infinity]] as [[Float]] {
                var logits = bad
                #expect(backend.softmaxWeights(of: &logits).isNaN, "\(bad) on \(type(of: backend))")
            }
        }
    }

    /// The weights are multiples of 1/64, so that their sums are exact in any order.
    @Test(arguments: availableInstructionSets) func draws(_ set: InstructionSet) throws {
        var random = RandomSource(seed: 7)
        let weights = (0..<203).map { $0 > 190 ? 0 : Float(Int.random(in: -8..<8, using: &random)) / 64 }.map { max($0, 0) }
        let sum = Double(weights.reduce(0, +)), cpu = try CPUBackend(threads: 1, instructionSet: set)
        for step in 0...120 {
            let target = sum * Double(step) / 100
            #expect(
                cpu.draw(from: weights, below: target) == ReferenceBackend().draw(from: weights, below: target), "\(target)")
        }
    }
}
