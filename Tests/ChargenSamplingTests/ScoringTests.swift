import ChargenDevice
import ChargenModels
import ChargenNN
import ChargenSampling
import ChargenTensor
import ChargenTestSupport
import ChargenText
import Testing

/// Passes over whole texts: `forward`, `score` and `evaluate`.
@Suite struct ScoringTests {
    private func tokens(_ count: Int, below V: Int = 8) -> [Int32] {
        var random = RandomSource(seed: 21)
        return (0..<count).map { _ in Int32(random.next() % UInt64(V)) }
    }

    private func text(_ count: Int, _ model: CharacterModel) -> String { model.vocabulary.decode(tokens(count)) }

    private func models(_ cell: RNNConfiguration.Cell) throws -> [CharacterModel] {
        try [(1, nil), (3, nil), (1, 5), (3, 5)].map { try .random(cell, layers: $0, embeddingSize: $1) }
    }

    @Test(arguments: RNNConfiguration.Cell.allCases) func aSequenceInParts(_ cell: RNNConfiguration.Cell) throws {
        let N = 3, T = 11, tokens = tokens(T * N)
        for network in try models(cell).map(\.network) {
            let whole = try network.forward(tokens: tokens, batchSize: N)
            #expect(whole.logits.shape == [T * N, 8] && whole.state.batchSize == N)
            #expect(whole.state.hidden.shape == [network.configuration.layers, N, 19])
            #expect((whole.state.cell != nil) == [.lstm, .mlstm].contains(cell))
            for cut in [1, 4, 10] {
                let first = try network.forward(tokens: Array(tokens[..<(cut * N)]), batchSize: N)
                let second = try network.forward(
                    tokens: Array(tokens[(cut * N)...]), batchSize: N, state: first.state, device: .cpu(threads: 3))
                expectClose(first.logits.values + second.logits.values, whole.logits.values, absolute: 1e-5)
                expectClose(second.state.hidden.values, whole.state.hidden.values, absolute: 1e-5)
                // The state can be made again from its tensors.
                let same = RNNState(hidden: first.state.hidden, cell: first.state.cell)
                let again = try network.forward(tokens: Array(tokens[(cut * N)...]), batchSize: N, state: same)
                #expect(again.logits == second.logits && again.state == second.state)
            }
            #expect(try network.forward(tokens: tokens, batchSize: N, state: network.zeroState(batchSize: N)) == whole)
        }
    }

    @Test(arguments: RNNConfiguration.Cell.allCases) func theNumbersOfTheLayers(_ cell: RNNConfiguration.Cell) throws {
        let N = 3, T = 11, tokens = tokens(T * N)
        let rows = (0..<N).map { n in (0..<T).map { tokens[$0 * N + n] } }
        for network in try models(cell).map(\.network) {
            let found = try network.forward(tokens: tokens, batchSize: N).logits
            let output = try network.sequential()(.tokens(rows)).output
            #expect(output.shape == [N, T, 8])
            var expected: [Float] = []
            for t in 0..<T {
                for n in 0..<N {
                    let first = (n * T + t) * 8
                    expected += output.values[first..<first + 8]
                }
            }
            expectClose(found.values, expected, absolute: 1e-5)
        }
    }

    /// `evaluate` predicts all tokens but the first; `score` predicts that one too, after what is read before a text.
    @Test(arguments: [1, 2, 256, 257, 700]) func scoresSumToTheLoss(_ count: Int) throws {
        let model = try CharacterModel.random(.gru, layers: 2), text = text(count, model)
        let tokens = try model.encode(text), lineBreak = try #require(model.vocabulary.id(of: "\n"))
        let score = try model.score(text)
        #expect(score.perCharacter.count == count && score.perCharacter.allSatisfy { $0 < 0 })
        let loss = try #require(try model.network.evaluate([lineBreak] + tokens)).loss
        #expect(abs(score.total + loss * Double(count)) < 1e-4 * Double(count))
        #expect(abs(score.evaluation.loss - loss) < 1e-4 && score.evaluation.characters == count)
        guard count > 1 else { return }
        let after = try model.score(String(text.dropFirst()), after: String(text.prefix(1)))
        let evaluation = try #require(try model.network.evaluate(tokens))
        #expect(after.perCharacter.count == count - 1 && evaluation.characters == count - 1)
        #expect(abs(after.evaluation.loss - evaluation.loss) < 1e-5)
    }

    /// The probability of a text is that of its beginning times that of the rest after it; each one is a softmax.
    @Test func scoresAfterAPrefix() throws {
        for cell in RNNConfiguration.Cell.allCases {
            let model = try CharacterModel.random(cell, layers: 2, embeddingSize: 5), text = text(300, model)
            let whole = try model.score(text).perCharacter
            for cut in [1, 5, 256, 299] {
                // The line break is what is read before a text without a prefix.
                let rest = try model.score(String(text.dropFirst(cut)), after: "\n" + String(text.prefix(cut)))
                expectClose(rest.perCharacter.map { Float($0) }, whole[cut...].map { Float($0) }, absolute: 2e-5)
            }
            let logits = try model.network.forward(tokens: model.encode(text), batchSize: 1).logits
            let next = try model.encode("c")[0], row = (0..<8).map { Double(logits[299, $0]) }
            let expected = row[Int(next)] - naturalLogarithm(row.reduce(0) { $0 + exponential($1) })
            #expect(abs(try model.score("c", after: text).total - expected) < 1e-5)
        }
    }

    @Test func emptyTextsAndShortOnes() throws {
        let model = try CharacterModel.random()
        for prefix in ["", "abc"] {
            let score = try model.score("", after: prefix)
            #expect(score.perCharacter.isEmpty && score.total == 0 && score.evaluation.characters == 0)
            #expect(score.evaluation.loss == 0 && score.evaluation.perplexity == 1)
        }
        // Without a line break in the vocabulary, the likeliest character is read first.
        #expect(try CharacterModel.random(text: "abc").score("ab").perCharacter.count == 2)
        #expect(throws: TextError.self) { try model.score("axb") }
        #expect(throws: TextError.self) { try model.score("ab", after: "x") }
        for tokens in [[], [1]] as [[Int32]] {
            for precision in StreamPrecision.allCases {
                #expect(throws: LayerError.self) { try model.network.evaluate(tokens, precision: precision) }
            }
        }
        #expect(throws: LayerError.self) { try model.network.forward(tokens: [], batchSize: 1) }
    }

    /// Line breaks are treated as in training, so that there are as many scores as tokens.
    @Test func scoresOfLineBreaks() throws {
        let vocabulary = Vocabulary(text: "ab ")
        let network = try RNNModel(configuration: RNNConfiguration(vocabularySize: 3, hiddenSize: 5), seed: 1)
        let model = CharacterModel(network: network, vocabulary: vocabulary, lineBreaks: .space)
        #expect(try model.score("a\r\nb\n") == model.score("a b "))
        #expect(try model.score("a\r\nb\n").perCharacter.count == 4)
    }
}
