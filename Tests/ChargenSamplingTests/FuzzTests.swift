import ChargenDevice
import ChargenModels
import ChargenNN
import ChargenSampling
import ChargenTensor
import ChargenTestSupport
import ChargenText
import ChargenTraining
import Foundation
import Testing

/// What comes from outside, at random: an error or a right result, never a trap.
@Suite struct FuzzTests {
    /// Random sizes, tokens and tensors.
    private struct Fuzz {
        var random: RandomSource

        init(_ seed: UInt64) { random = RandomSource(seed: seed) }

        mutating func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }
        mutating func chance(_ one: Int) -> Bool { below(one) == 0 }
        mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

        /// A token, one of `badly` that no model has.
        mutating func token(_ V: Int, badly: Int = 200) -> Int32 {
            chance(badly) ? pick([-1, Int32(V), .max, .min, Int32(V) + Int32(below(1000))]) : Int32(below(V))
        }
        mutating func tokens(_ count: Int, _ V: Int, badly: Int = 200) -> [Int32] {
            (0..<count).map { _ in token(V, badly: badly) }
        }
        mutating func shape(_ dimensions: Int) -> [Int] { (0..<dimensions).map { _ in chance(12) ? 0 : 1 + below(5) } }
        mutating func tensor(_ shape: [Int]) -> Tensor { .random(shape, seed: random.next()) }
    }

    private static func areKnown(_ tokens: [Int32], _ V: Int) -> Bool { tokens.allSatisfy { 0..<V ~= Int($0) } }

    private func models() throws -> [RNNModel] {
        try [(.lstm, 1, nil), (.gru, 2, 5), (.rnn, 3, nil), (.mlstm, 2, nil)].map { cell, layers, embedding in
            try CharacterModel.random(cell, hiddenSize: 4, layers: layers, embeddingSize: embedding).network
        }
    }

    @Test func forward() throws {
        var fuzz = Fuzz(1), done = 0, failed = 0
        for model in try models() {
            let H = 4, L = model.configuration.layers
            for _ in 0..<300 {
                let batchSize = fuzz.pick([1, 2, 3, fuzz.below(9) - 3, .max, .min])
                let tokens = fuzz.tokens(fuzz.chance(3) ? fuzz.below(13) : 6, 8)
                var state: RNNState?
                if fuzz.chance(2) {
                    let shape = fuzz.chance(2) ? [L, max(1, min(batchSize, 9)), H] : [1 + fuzz.below(3)] + fuzz.shape(2)
                    let hasCell = fuzz.chance(4) != (model.configuration.cell == .lstm)
                    state = RNNState(hidden: fuzz.tensor(shape), cell: hasCell ? fuzz.tensor(shape) : nil)
                }
                do {
                    let result = try model.forward(tokens: tokens, batchSize: batchSize, state: state)
                    #expect(result.logits.shape == [tokens.count, 8] && result.state.batchSize == batchSize)
                    #expect(result.logits.values.allSatisfy { $0.isFinite } && Self.areKnown(tokens, 8))
                    done += 1
                } catch is LayerError {
                    failed += 1
                }
            }
        }
        #expect(done > 50 && failed > 50, "\(done) done, \(failed) failed")
    }

    @Test func evaluateAndStart() throws {
        var fuzz = Fuzz(2), done = 0, failed = 0
        for model in try models() {
            var sampler = try Sampler(model, seed: 1), several = try Sampler(model, seed: 1, streamCount: 3)
            for _ in 0..<150 {
                let tokens = fuzz.tokens(fuzz.below(40), 8, badly: 60)
                do {
                    let evaluation = try model.evaluate(tokens, precision: fuzz.pick(StreamPrecision.allCases))
                    #expect(Self.areKnown(tokens, 8) && tokens.count >= 2)
                    #expect(evaluation?.characters == tokens.count - 1 && evaluation?.loss.isFinite == true)
                    done += 1
                } catch is LayerError {
                    #expect(!Self.areKnown(tokens, 8) || tokens.count < 2)
                    failed += 1
                }
                do {
                    try sampler.start(with: tokens)
                    try several.start(with: tokens)
                    #expect(Self.areKnown(tokens, 8) && !tokens.isEmpty)
                    let next = try several.nextTokens()
                    #expect(sampler.next() == next[0] && Self.areKnown(next, 8))
                } catch is LayerError {
                    #expect(!Self.areKnown(tokens, 8))
                } catch SamplingError.nothingRead {
                    #expect(tokens.isEmpty)
                }
            }
        }
        #expect(done > 50 && failed > 50, "\(done) done, \(failed) failed")
    }

    /// Streams of a decoder that do everything in any order have the states of streams that read alone.
    @Test func decoders() throws {
        var fuzz = Fuzz(3)
        for (index, model) in try models().enumerated() {
            let precision = StreamPrecision.allCases[1 + index % 3]
            let decoder = try TokenDecoder(model, precision: precision, device: .cpu(threads: 1 + index))
            let foreign = try TokenDecoder(model).join(), stranger = try TokenDecoder(models()[(index + 1) % 3])
            let strange = try stranger.state(of: stranger.join())
            /// What each stream has read; those that have left have nil.
            var read: [TokenDecoder.Slot: [Int32]?] = [:], kept: [(StreamState, [Int32])] = []
            var slots: [TokenDecoder.Slot] = [foreign]
            for _ in 0..<400 {
                let some = (0..<fuzz.below(5)).map { _ in fuzz.pick(slots) }, slot = fuzz.pick(slots)
                let isThere = (read[slot] ?? nil) != nil
                do {
                    switch fuzz.below(9) {
                    case 0:
                        let slot = try decoder.join()
                        slots.append(slot)
                        read[slot] = .some([])
                    case 1:
                        guard let (state, tokens) = kept.last else { continue }
                        let slot = try decoder.join(state)
                        slots.append(slot)
                        read[slot] = .some(tokens)
                    case 2:
                        if fuzz.chance(2) { continue }
                        try decoder.leave(slot)
                        #expect(isThere)
                        read[slot] = .some(nil)
                    case 3:
                        let tokens = fuzz.tokens(fuzz.below(9), 8, badly: 30)
                        try decoder.read(tokens, in: slot)
                        #expect(isThere && Self.areKnown(tokens, 8))
                        read[slot] = .some(read[slot]!! + tokens)
                    case 4:
                        let state = try decoder.state(of: slot)
                        kept.append((state, read[slot]!!))
                        #expect(state.tokensRead == read[slot]!!.count)
                    case 5:
                        guard let (state, tokens) = kept.first else { continue }
                        try decoder.set(state, in: slot)
                        read[slot] = .some(tokens)
                        if kept.count > 3 { kept.removeFirst() }
                    case 6:
                        #expect(try decoder.logits(of: slot).allSatisfy { $0.isFinite } && !read[slot]!!.isEmpty)
                    case 7:
                        if fuzz.chance(2) { try decoder.set(strange, in: slot) } else { _ = try decoder.join(strange) }
                        Issue.record("the state of another model was taken")
                    default:
                        let tokens = fuzz.tokens(fuzz.chance(9) ? fuzz.below(5) : some.count, 8, badly: 30)
                        try decoder.step(tokens, in: some)
                        #expect(tokens.count == some.count && Set(some).count == some.count)
                        for (slot, token) in zip(some, tokens) { read[slot] = .some(read[slot]!! + [token]) }
                    }
                } catch is LayerError {
                } catch is SamplingError {
                }
                #expect(decoder.slotCount == read.values.count { $0 != nil })
            }
            #expect(decoder.slotCount > 3)
            for (slot, tokens) in read {
                guard let tokens else { continue }
                let alone = try TokenDecoder(model, precision: precision), own = try alone.join()
                try alone.read(tokens, in: own)
                #expect(try decoder.state(of: slot) == alone.state(of: own))
            }
        }
    }

    @Test func trainersOfTokens() throws {
        var fuzz = Fuzz(4), done = 0, failed = 0
        for _ in 0..<400 {
            var options = TrainingOptions()
            options.cell = fuzz.pick(RNNConfiguration.Cell.allCases)
            options.hiddenSize = fuzz.pick([3, 3, 3, 3, 3, 3, 3, 0, -1, .max])
            options.layers = fuzz.pick([1, 1, 1, 1, 1, 2, 2, 0, .min])
            options.embeddingSize = fuzz.pick([nil, nil, nil, 4, 4, 4, 0, .max])
            options.batchSize = fuzz.pick([1, 1, 2, 2, 3, 3, nil, 0, -2, .max])
            options.steps = fuzz.pick([1, 1, 2, 4, 4, 5, nil, 0, -2, .max])
            options.epochs = fuzz.pick([1, 1, 1, 1, 2, 2, 0, -1])
            options.validation = fuzz.pick([nil, nil, nil, nil, 0, 0.3, 0.5, 1, -1, .nan, .infinity])
            options.batching = fuzz.pick([.consecutive, .random])
            let V = fuzz.pick([5, 5, 5, 5, 5, 5, 7, 1, 0, -1, .max, .min])
            let tokens = fuzz.tokens(fuzz.below(60), V > 0 ? min(V, 5) : 5)
            let embeddings = fuzz.chance(8) ? fuzz.tensor(fuzz.shape(fuzz.below(4))) : nil
            do {
                let trainer = try TokenTrainer(
                    tokens: tokens, vocabularySize: V, options: options, embeddings: embeddings)
                #expect(Self.areKnown(tokens, V))
                try trainer.train()
                #expect(trainer.metrics?.trainLoss.isFinite == true)
                let more = fuzz.tokens(fuzz.below(60), 5)
                _ = try TokenTrainer(continuing: trainer.model, tokens: more, options: options)
                #expect(Self.areKnown(more, V))
                done += 1
            } catch let error {
                #expect(
                    error is TrainingError || error is TextError || error is LayerError || error is ModelError, "\(error)")
                failed += 1
            }
        }
        #expect(done > 10 && failed > 50, "\(done) trained, \(failed) failed")
    }

    @Test func layers() throws {
        var fuzz = Fuzz(5), done = 0, failed = 0
        let networks = try [
            Sequential([Embedding(inputDim: 8, outputDim: 3, maskZero: true), LSTM(units: 4), Dense(units: 2)]),
            Sequential([OneHot(size: 8), GRU(units: 4, returnSequences: true), Dense(units: 2)]),
            Sequential([LSTM(units: 4, returnSequences: true), Bidirectional(SimpleRNN(units: 2))], inputSize: 5),
            Sequential([Dense(units: 4), Dropout(rate: 0.5), Dense(units: 2)], inputSize: 5),
            Sequential([GRU(units: 4, timeMajor: true), Dense(units: 2)], inputSize: 5),
        ]
        for round in 0..<1000 {
            let network = networks[round % networks.count]
            let input: LayerInput
            if fuzz.chance(8) ? round % 5 > 1 : round % 5 < 2 {
                let N = fuzz.chance(9) ? 0 : 1 + fuzz.below(3), length = fuzz.chance(9) ? 0 : 1 + fuzz.below(5)
                input = .tokens((0..<N).map { _ in fuzz.tokens(fuzz.chance(6) ? fuzz.below(6) : length, 8, badly: 90) })
            } else {
                var shape = fuzz.shape(fuzz.chance(9) ? fuzz.below(5) : round % 5 == 3 && fuzz.chance(2) ? 2 : 3)
                if !shape.isEmpty && fuzz.chance(8) == false { shape[shape.count - 1] = 5 }
                input = .values(fuzz.tensor(shape))
            }
            let N = input.count, T = input.shape.count > 1 ? input.shape[1] : 0
            let states = (0..<fuzz.pick([0, 0, 0, 0, 1, 1, 2, 4])).map { _ in
                let shape = fuzz.chance(4) ? fuzz.shape(fuzz.below(4)) : [round % 5 == 4 ? T : N, 4]
                return LayerState(
                    hidden: fuzz.tensor(shape), cell: fuzz.chance(2) ? fuzz.tensor(fuzz.chance(5) ? [2] : shape) : nil)
            }
            let mask = fuzz.chance(5)
                ? (0..<(fuzz.chance(4) ? fuzz.below(4) : N)).map { _ in
                    (0..<(fuzz.chance(9) ? fuzz.below(6) : T)).map { _ in fuzz.chance(2) }
                } : nil
            do {
                let result = try network(input, initialStates: states, mask: mask, training: fuzz.chance(2))
                #expect(result.output.values.allSatisfy { $0.isFinite } && result.output.shape.last != 0)
                let shape = fuzz.chance(2) ? result.output.shape : fuzz.shape(fuzz.below(4))
                let gradients = try network.gradients(
                    outputGradient: fuzz.tensor(shape), stateGradients: fuzz.chance(4) ? states : [])
                #expect(shape == result.output.shape)
                #expect(gradients.weights.allSatisfy { $0.tensor.values.allSatisfy { $0.isFinite } })
                done += 1
            } catch is LayerError {
                failed += 1
            }
            do {
                let found = try network.predict(input, batchSize: fuzz.pick([1, 2, 256, 0, -1, .max, .min]))
                #expect(found.values.allSatisfy { $0.isFinite })
            } catch is LayerError {
            }
        }
        #expect(done > 50 && failed > 50, "\(done) done, \(failed) failed")
    }

    // MARK: Encoded values

    /// A mutation of a JSON object: of its bytes, its numbers, its keys, or its data.
    private func mutated(_ json: [String: Any], _ fuzz: inout Fuzz) throws -> Data {
        var object = json
        let key = fuzz.pick(json.keys.sorted())
        switch fuzz.below(6) {
        case 0:
            var bytes = try JSONSerialization.data(withJSONObject: json)
            for _ in 0..<1 + fuzz.below(3) { bytes[fuzz.below(bytes.count)] ^= UInt8(1 << fuzz.below(8)) }
            return bytes
        case 1:
            let bytes = try JSONSerialization.data(withJSONObject: json)
            return bytes.prefix(fuzz.below(bytes.count))
        case 2: object[key] = nil
        case 3:
            object[key] = fuzz.pick([
                0, 1, -1, 2, 64, 65, 16_384, 16_385, 1_200_000, 1 << 53, 1 << 62, Int.max, Int.min, 1e300, 0.5, NSNull(),
                "lstm", "gru", "", [1, 2], [String: Int](),
            ] as [Any])
        case 4:
            // Other numbers in the data.
            guard let text = object[key] as? String, var data = Data(base64Encoded: text), data.count >= 4 else { break }
            let number = fuzz.pick([.nan, .infinity, -.infinity, 1.5, -1, 3e38, .leastNonzeroMagnitude, 0] as [Float])
            let place = 4 * fuzz.below(data.count / 4)
            withUnsafeBytes(of: number.bitPattern.littleEndian) { data.replaceSubrange(place..<place + 4, with: $0) }
            object[key] = data.base64EncodedString()
        default:
            guard let text = object[key] as? String, let data = Data(base64Encoded: text) else { break }
            let bytes = fuzz.chance(2) ? data.prefix(fuzz.below(data.count + 1)) : data + data.prefix(fuzz.below(9))
            object[key] = fuzz.chance(3) ? String(text.dropLast(1 + fuzz.below(4))) : bytes.base64EncodedString()
        }
        return try JSONSerialization.data(withJSONObject: object)
    }

    @Test func encodedStates() throws {
        var fuzz = Fuzz(6), taken = 0, failed = 0
        for cell in RNNConfiguration.Cell.allCases {
            let model = try CharacterModel.random(cell, hiddenSize: 4, layers: 2)
            let state = try model.read("abc")
            let json = try #require(
                try JSONSerialization.jsonObject(with: JSONEncoder().encode(state)) as? [String: Any])
            for _ in 0..<400 {
                let data = try mutated(json, &fuzz)
                guard let decoded = try? JSONDecoder().decode(StreamState.self, from: data) else {
                    failed += 1
                    continue
                }
                #expect(decoded.hidden.shape == [decoded.layers, decoded.hiddenSize])
                #expect((decoded.cellState != nil) == [.lstm, .mlstm].contains(decoded.cell))
                do {
                    let precision = fuzz.pick(StreamPrecision.allCases)
                    let stream = try model.stream(from: decoded, seed: 1, precision: precision)
                    let text = String(stream.prefix(5))
                    // Finite logits may overflow in the filter of the temperature.
                    let errors: [SamplingError?] = [.notFinite(tokensRead: decoded.tokensRead), .noTokenLeft(position: 0)]
                    #expect(text.count == (stream.error == nil ? 5 : 0) && (errors + [nil]).contains(stream.error))
                    #expect(try model.read("abc", from: decoded, precision: precision).logits.allSatisfy { $0.isFinite })
                    taken += 1
                } catch let error as SamplingError {
                    let isOther = if case .otherModel = error { true } else { error == .nothingRead }
                    #expect(isOther, "\(error)")
                }
            }
        }
        #expect(taken > 20 && failed > 100)
    }

    /// Sizes that no memory would hold are refused before any is taken.
    @Test(arguments: [
        ["hiddenSize": 1 << 62], ["layers": 1 << 62], ["vocabularySize": Int.max], ["hiddenSize": 16_384, "layers": 64],
        ["tokensRead": Int.max], ["tokensRead": -1], ["tokensRead": 0], ["vocabularySize": 1_200_000],
    ]) func hugeSizes(_ sizes: [String: Int]) throws {
        let state = try CharacterModel.random().read("abc")
        var json = try #require(try JSONSerialization.jsonObject(with: JSONEncoder().encode(state)) as? [String: Any])
        json.merge(sizes) { $1 }
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(StreamState.self, from: JSONSerialization.data(withJSONObject: json))
        }
    }

    @Test func encodedRandomSources() throws {
        var fuzz = Fuzz(7), taken = 0, failed = 0
        for _ in 0..<300 {
            var words: [Any] = (0..<(fuzz.chance(4) ? fuzz.below(7) : 4)).map { _ in
                fuzz.chance(6) ? fuzz.pick([-1, 0.5, "1", 1e30, NSNull()] as [Any]) : fuzz.chance(3) ? 0 : fuzz.random.next()
            }
            if fuzz.chance(9) { words = [0, 0, 0, 0] }
            var data = try JSONSerialization.data(withJSONObject: ["state": words])
            if fuzz.chance(4) { data = try mutated(["state": words], &fuzz) }
            guard var source = try? JSONDecoder().decode(RandomSource.self, from: data) else {
                failed += 1
                continue
            }
            let numbers = (0..<8).map { _ in source.uniform() }
            #expect(numbers.allSatisfy { 0..<1 ~= $0 } && Set(numbers).count > 1)
            taken += 1
        }
        #expect(taken > 20 && failed > 50)
    }
}
