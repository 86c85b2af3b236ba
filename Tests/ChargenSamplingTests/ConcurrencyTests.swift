import ChargenDevice
import ChargenModels
import ChargenNN
import ChargenSampling
import ChargenTensor
import ChargenTestSupport
import ChargenTraining
import Testing

/// One model on many tasks at once.
@Suite struct ConcurrencyTests {
    /// All that computes with a model; its results as values that can be compared.
    private struct Work: Sendable {
        let model: CharacterModel
        let classifier: TextClassifier
        static let kinds = 9

        func callAsFunction(_ kind: Int, _ seed: Int) async throws -> [String] {
            let text = sampleText(count: 100 + 40 * seed, seed: UInt64(seed)), device = Device.cpu(threads: 1 + seed % 3)
            switch kind {
            case 0: return [String(try model.stream(after: "rain ", seed: UInt64(seed)).prefix(60))]
            case 1: return try model.score(text).perCharacter.map { "\($0)" }
            case 2: return try StreamPrecision.allCases.map { "\(try model.read(text, precision: $0))" }
            case 3: return try model.generate(prefix: "a", length: 20, count: 7 + seed, seed: UInt64(seed), device: device)
            case 4:
                let tokens = Array(try model.encode(text).prefix(90)), result = try model.network.forward(tokens: tokens, batchSize: 1 + seed % 3)
                return ["\(result.logits.values)", "\(result.state)"]
            case 5: return try classifier.predict([text, "the rain", "", "a lamp \(seed)"]).map { "\($0)" }
            case 6: return ["\(try model.network.evaluate(model.encode(text), precision: .int8) as Any)"]
            case 7:
                var found = ""
                for try await character in try model.characters(after: "on", seed: UInt64(seed)).prefix(50) {
                    found.append(character)
                }
                return [found]
            default: return ["\(try model.network.evaluate(model.encode(text), device: device) as Any)"]
            }
        }
    }

    private func work(bidirectional: Bool = true) throws -> Work {
        var options = ClassifierOptions()
        options.configuration.hiddenSize = 7
        options.configuration.embeddingSize = 5
        options.configuration.bidirectional = bidirectional
        options.configuration.layers = 2
        options.minimumCount = 1
        let trainer = try ClassifierTrainer(
            texts: ["the rain on the roof", "a lamp burns", "we sing"], labels: [0, 1, 0], labelNames: ["dark", "light"],
            options: options)
        let model = try CharacterModel.random(text: sampleText(count: 500), layers: 2, embeddingSize: 6)
        return Work(model: model, classifier: trainer.classifier)
    }

    @Test(arguments: [false, true]) func manyTasksShareAModel(_ isReleased: Bool) async throws {
        let work = try work(), seeds = 0..<6
        var expected: [[String]] = []
        for index in 0..<Work.kinds * seeds.count { expected.append(try await work(index / seeds.count, index % seeds.count)) }
        // Nothing is prepared when the tasks start, so that they prepare the weights at once.
        let fresh = try self.work()
        let found = try await withThrowingTaskGroup(of: (Int, [String]).self) { group in
            for index in 0..<Work.kinds * seeds.count {
                group.addTask { (index, try await fresh(index / seeds.count, index % seeds.count)) }
                if isReleased {
                    group.addTask {
                        fresh.model.network.releasePreparedWeights()
                        fresh.classifier.releasePreparedWeights()
                        return (-1, [])
                    }
                }
            }
            var found = [[String]](repeating: [], count: expected.count)
            for try await (index, result) in group where index >= 0 { found[index] = result }
            return found
        }
        for (index, (found, expected)) in zip(found, expected).enumerated() {
            #expect(found == expected, "kind \(index / seeds.count)")
        }
    }

    /// States go from task to task, and many continue one of them.
    @Test func statesAreSentToOtherTasks() async throws {
        let model = try CharacterModel.random(layers: 2), state = try model.read("abc")
        let expected = try (0..<20).map { String(try model.stream(from: state, seed: $0).prefix(40)) }
        let found = try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for seed in expected.indices {
                group.addTask { (seed, String(try model.stream(from: state, seed: UInt64(seed)).prefix(40))) }
            }
            return try await group.reduce(into: [String](repeating: "", count: 20)) { $0[$1.0] = $1.1 }
        }
        #expect(found == expected)
    }

    @Test func preparedWeightsAreShared() throws {
        let network = try CharacterModel.random().network, copy = network
        for precision in StreamPrecision.allCases {
            let first = try network.decodingWeights(precision, .default)
            #expect(try network.decodingWeights(precision, .default) === first)
            #expect(try copy.decodingWeights(precision, .default) === first)
            #expect(try network.decodingWeights(precision, .cpu(threads: 2)) !== first)
        }
        let float32 = try network.decodingWeights(.float32, .default)
        #expect(try network.decodingWeights(.bfloat16, .default) !== float32)
        // `auto` is one of the others.
        let automatic = try network.decodingWeights(.automatic, .default)
        #expect(try [.float32, .int8].contains { try network.decodingWeights($0, .default) === automatic })
        // An equal model that was made by itself has its own.
        #expect(try CharacterModel.random().network.decodingWeights(.float32, .default) !== float32)
        let prepared = try network.preparedNetwork(.default)
        #expect(try copy.preparedNetwork(.default) === prepared)
        // What is released is made again, and what was in use still works.
        let decoder = try TokenDecoder(network), slot = try decoder.join()
        copy.releasePreparedWeights()
        #expect(try network.decodingWeights(.float32, .default) !== float32)
        #expect(try network.preparedNetwork(.default) !== prepared)
        try decoder.step([3], in: [slot])
        let fresh = try TokenDecoder(network), other = try fresh.join()
        try fresh.step([3], in: [other])
        #expect(try decoder.state(of: slot) == fresh.state(of: other))
    }
}
