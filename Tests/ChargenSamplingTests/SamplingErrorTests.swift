import ChargenDevice
import ChargenModels
import ChargenNN
import ChargenSampling
import ChargenTensor
import ChargenTestSupport
import Testing

/// What cannot be drawn is an error, never some token.
@Suite struct SamplingErrorTests {
    /// A model whose logits overflow: its hidden states are near one, and its output weights are huge.
    private func overflowing(_ cell: RNNConfiguration.Cell, layers: Int = 2) throws -> CharacterModel {
        try CharacterModel.random(cell, hiddenSize: 9, layers: layers).replacingWeights { name, values in
            if name == "output.weight" {
                for index in values.indices { values[index] = 3e38 }
            } else if name.hasPrefix("rnn.bias_ih") {
                // An LSTM's gates are all open. A GRU takes its candidate: the gates are r, z, n.
                for index in values.indices { values[index] = cell == .gru && index / 9 == 1 ? -20 : 20 }
            }
        }
    }

    @Test(arguments: RNNConfiguration.Cell.allCases, StreamPrecision.allCases)
    func logitsThatAreNotFinite(_ cell: RNNConfiguration.Cell, _ precision: StreamPrecision) async throws {
        let model = try overflowing(cell), expected = SamplingError.notFinite(tokensRead: 3)
        for options in [SamplingOptions(), SamplingOptions(greedy: true), SamplingOptions(topK: 2, topP: 0.5)] {
            let stream = try model.stream(after: "abc", options: options, seed: 1, precision: precision)
            #expect(stream.error == nil)
            for _ in 0..<3 {
                #expect(stream.next() == nil)
                #expect(stream.error == expected)
            }
            await #expect(throws: expected) {
                for try await _ in try model.characters(after: "abc", options: options, seed: 1, precision: precision) {}
            }
            for count in [1, 3, 65] {
                #expect(throws: expected) {
                    try model.generate(
                        prefix: "abc", length: 5, count: count, options: options, seed: 1, precision: precision)
                }
            }
        }
        // Reading is no error: the state can be looked at.
        #expect(try !model.read("abc", precision: precision).logits.allSatisfy { $0.isFinite })
    }

    /// Sums that overflow may leave states that are no numbers. They must not become numbers again as bytes of int8.
    @Test(arguments: RNNConfiguration.Cell.allCases, StreamPrecision.allCases)
    func statesThatAreNotNumbers(_ cell: RNNConfiguration.Cell, _ precision: StreamPrecision) throws {
        for layers in [1, 2] {
            let model = try CharacterModel.random(cell, layers: layers, embeddingSize: 5).replacingWeights { name, values in
                guard name != "output.weight" && name != "output.bias" else { return }
                for index in values.indices { values[index] = index % 2 == 0 || name == "embedding.weight" ? 1e38 : -1e38 }
            }
            let stream = try model.stream(after: "abc", seed: 1, precision: precision)
            var drawn = 0
            while drawn < 20, stream.next() != nil { drawn += 1 }
            #expect(stream.error == (drawn == 20 ? nil : .notFinite(tokensRead: 3 + drawn)))
            let state = stream.state, isNumber = state.hidden.values.allSatisfy { abs($0) <= 1 }
            #expect(isNumber == (stream.error == nil))
            // Zero times infinity, in the reset gate.
            if cell == .gru && (precision == .float32 || precision == .int8) { #expect(stream.error != nil) }
        }
    }

    /// The intermediate state of a multiplicative LSTM overflows, and the sums of its products are not numbers. It must not
    /// become numbers again as bytes of int8.
    @Test(arguments: StreamPrecision.allCases, [false, true])
    func intermediateStatesThatOverflow(_ precision: StreamPrecision, _ layerNorm: Bool) throws {
        let model = try CharacterModel.random(.mlstm, layers: 2, embeddingSize: 5, layerNorm: layerNorm).replacingWeights {
            if $0.hasPrefix("rnn.weight_mh") { $1 = $1.map { $0 * 1e38 } }
            if $0.hasPrefix("rnn.weight_ih") { for index in $1.indices.suffix($1.count / 5) { $1[index] *= 1e38 } }
        }
        let stream = try model.stream(after: "abc", seed: 1, precision: precision)
        #expect(stream.next() == nil && stream.error == .notFinite(tokensRead: 3))
    }

    /// One stream among others fails, at a step that the others would survive.
    @Test func oneStreamAmongOthers() throws {
        // After the character `g`, all logits are too large; only its row of the input's kernel switches the units on.
        let model = try CharacterModel.random(.rnn, hiddenSize: 9).replacingWeights { name, values in
            let V = 8, g = 7
            for index in values.indices {
                switch name {
                case "rnn.weight_ih_l0": values[index] = index % V == g ? 20 : 0
                case "output.weight": values[index] = 3e38
                default: values[index] = 0
                }
            }
        }
        #expect(model.vocabulary.characters[7] == "g")
        var sampler = try Sampler(model.network, seed: 3, streamCount: 5)
        try sampler.start(with: [1])
        var drawn: [[Int32]] = []
        let error = #expect(throws: SamplingError.self) {
            while drawn.count < 1000 { drawn.append(try sampler.nextTokens()) }
        }
        // The draw of a `g` is still a draw; what follows it is none.
        #expect(error == .notFinite(tokensRead: 1 + drawn.count))
        #expect(drawn.last?.contains(7) == true && !drawn.dropLast().joined().contains(7))
        #expect(sampler.next() == nil && sampler.error == error)
        try sampler.start(with: [1])
        #expect(sampler.error == nil && sampler.next() != nil)
    }

    private struct StrikeOut: LogitsFilter {
        let value: Float
        let after: Int
        func apply(to logits: inout [Float], _ context: inout FilterContext) {
            if context.position >= after { for index in logits.indices { logits[index] = value } }
        }
    }

    @Test(arguments: [-Float.infinity, .nan, .infinity]) func filtersThatLeaveNothing(_ value: Float) async throws {
        let model = try CharacterModel.random(), filter = StrikeOut(value: value, after: 4)
        let expected = SamplingError.noTokenLeft(position: 4)
        for options in [SamplingOptions(), SamplingOptions(greedy: true), SamplingOptions(topK: 2, topP: 0.5)] {
            let stream = try model.stream(after: "abc", options: options, filters: [filter], seed: 1)
            #expect(stream.prefix(9).map { $0 }.count == 4)
            #expect(stream.error == expected)
            for count in [1, 3] {
                #expect(throws: expected) {
                    try model.generate(prefix: "abc", length: 5, count: count, options: options, filters: [filter], seed: 1)
                }
                #expect(try model.generate(
                    prefix: "abc", length: 4, count: count, options: options, filters: [filter], seed: 1
                ).allSatisfy { $0.count == 7 })
            }
            var found = 0
            await #expect(throws: expected) {
                for try await _ in try model.characters(after: "abc", options: options, filters: [filter], seed: 1) {
                    found += 1
                }
            }
            #expect(found == 4)
        }
    }

    @Test func nothingReadYet() throws {
        let model = try CharacterModel.random()
        for streams in [1, 3] {
            var sampler = try Sampler(model.network, seed: 0, streamCount: streams)
            #expect(throws: SamplingError.nothingRead) { try sampler.nextTokens() }
            #expect(sampler.next() == nil && sampler.error == .nothingRead)
            #expect(throws: SamplingError.nothingRead) { try sampler.start(with: []) }
            #expect(throws: SamplingError.nothingRead) { try sampler.start(from: sampler.state()) }
            #expect(sampler.next() == nil)
            try sampler.start(with: [2])
            #expect(sampler.error == nil && sampler.next() != nil)
        }
    }

    @Test func tokensAndStatesOfOtherModels() throws {
        let model = try CharacterModel.random(), other = try CharacterModel.random(.gru)
        var sampler = try Sampler(model.network, seed: 0)
        for token in [999_999, 8, -1, .max, .min] as [Int32] {
            let expected = LayerError.unknownToken(token, sequence: 0, step: 2, allowed: 0..<8)
            #expect(throws: expected) { try sampler.start(with: [1, 2, token]) }
            #expect(throws: expected) { try model.network.forward(tokens: [1, 2, token], batchSize: 1) }
            for precision in StreamPrecision.allCases {
                #expect(throws: expected) { try model.network.evaluate([1, 2, token], precision: precision) }
            }
        }
        let foreign = try [
            other, .random(hiddenSize: 18), .random(layers: 2), .random(text: "abcdefgh\n"), .random(.rnn),
        ].map { try $0.read("abc") }
        let decoder = try TokenDecoder(model.network), slot = try decoder.join()
        for state in foreign {
            let expected = SamplingError.otherModel(
                state: "\(state.layers) × \(state.cell) of \(state.hiddenSize) units and \(state.vocabularySize) tokens",
                model: "1 × lstm of 19 units and 8 tokens")
            #expect(throws: expected) { try sampler.start(from: state) }
            #expect(throws: expected) { try decoder.join(state) }
            #expect(throws: expected) { try decoder.set(state, in: slot) }
            #expect(throws: expected) { try model.read("a", from: state) }
            #expect(throws: expected) { try model.stream(from: state, seed: 0) }
        }
        // A slot has one decoder.
        let second = try TokenDecoder(model.network), stranger = try second.join()
        #expect(throws: SamplingError.unknownSlot) { try decoder.step([1], in: [stranger]) }
        #expect(throws: SamplingError.unknownSlot) { try decoder.state(of: stranger) }
        #expect(throws: SamplingError.unknownSlot) { try decoder.leave(stranger) }
    }
}
