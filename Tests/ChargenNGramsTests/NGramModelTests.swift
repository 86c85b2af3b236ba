import ChargenNGrams
import ChargenTensor
import ChargenTestSupport
import Testing

@Suite struct NGramModelTests {
    /// A text of `count` tokens below `V`, in which small ids are more frequent and each depends on the two before it.
    static func text(_ count: Int, V: Int, seed: UInt64) -> [Int32] {
        var random = RandomSource(seed: seed)
        var text: [Int32] = []
        for index in 0..<count {
            let drawn = Int32(Double(V) * random.uniform() * random.uniform())
            let copied = index > 1 ? (text[index - 1] + 3 * text[index - 2]) % Int32(V) : drawn
            text.append(random.uniform() < 0.5 ? drawn : copied)
        }
        return text
    }

    /// Lengths, V and orders. In the texts of up to 60 tokens, most counts of counts are zero.
    static let cases = [
        (700, 5, 1), (700, 5, 2), (700, 7, 3), (900, 4, 4), (900, 3, 6), (1500, 11, 5), (1200, 2, 8), (60, 6, 3), (9, 4, 6),
        (6, 3, 6), (5, 3, 6), (2, 3, 2), (1, 3, 1), (1, 3, 3), (0, 3, 4),
    ]

    @Test(arguments: cases) func equalsTheDefinition(_ length: Int, _ V: Int, _ order: Int) throws {
        let training = Self.text(length, V: V, seed: UInt64(length + order))
        // Held-out text, with the last token of the vocabulary more often than the training text has it.
        let heldOut = Self.text(80, V: V, seed: 99) + [Int32(V - 1), Int32(V - 1), 0, Int32(V - 1)]
        let model = try NGramModel(tokens: training, vocabularySize: V, order: order)
        let direct = DirectKneserNey(training, V: V, order: order)
        #expect(model.tokensRead == length)

        for start in [0, 1, 2, 40, 80] {
            let context = Array(heldOut[..<start])
            let probabilities = model.probabilities(after: training + context)
            let end = Array((training + context).suffix(order - 1))
            for token in 0..<V {
                #expect(abs(probabilities[token] - direct.probability(of: Int32(token), after: end)) < 1e-13)
            }
            let after = model.probabilities(after: context)
            let known = Array(context.suffix(order - 1))
            for token in 0..<V {
                #expect(abs(after[token] - direct.probability(of: Int32(token), after: known)) < 1e-13)
            }
        }
        let evaluation = try model.evaluate(heldOut, after: training)
        #expect(evaluation.characters == heldOut.count)
        #expect(abs(evaluation.loss - direct.loss(of: training + heldOut, from: training.count)) < 1e-12)
        let alone = try model.evaluate(heldOut, after: EmptyCollection())
        #expect(abs(alone.loss - direct.loss(of: heldOut, from: 0)) < 1e-12)
    }

    @Test func someCasesHaveDiscountsOfTheirOwnAndSomeNot() {
        let usual = [0.5, 1, 1.5]
        let discounts = Self.cases.map { length, V, order in
            DirectKneserNey(Self.text(length, V: V, seed: UInt64(length + order)), V: V, order: order).discounts.dropFirst()
        }
        #expect(discounts.contains { $0.contains { $0 != usual } } && discounts.contains { $0.contains(usual) })
    }

    @Test(arguments: 1...8) func probabilitiesSumToOne(_ order: Int) throws {
        let V = 13
        let training = Self.text(3000, V: V - 2, seed: 5)  // The last two tokens do not occur.
        let model = try NGramModel(tokens: training, vocabularySize: V, order: order)
        let contexts: [[Int32]] = [
            [], [11, 12, 11], [0], Array(training.suffix(9)), [12] + training.prefix(7), [3, 3, 3, 3, 3, 3, 3, 12],
        ]
        for context in contexts {
            let probabilities = model.probabilities(after: context)
            #expect(probabilities.count == V && probabilities.allSatisfy { $0 > 0 })
            #expect(abs(probabilities.reduce(0, +) - 1) < 1e-12)
        }
    }

    @Test(arguments: [1, 2, 6]) func oneDistinctCharacter(_ order: Int) throws {
        let model = try NGramModel(tokens: [Int32](repeating: 0, count: 50), vocabularySize: 1, order: order)
        #expect(try model.evaluate([0, 0, 0], after: [0]).loss == 0)
        // Where the vocabulary has another token, the text's only one is nearly certain.
        let wider = try NGramModel(tokens: [Int32](repeating: 1, count: 50), vocabularySize: 3, order: order)
        let probabilities = wider.probabilities(after: [Int32](repeating: 1, count: order))
        #expect(probabilities[1] > 0.95 && probabilities[1] < 1 && probabilities[0] == probabilities[2])
    }

    @Test func higherOrdersPredictTextBetter() throws {
        let characters = Array(sampleText(count: 6000).utf8).map(Int32.init)
        let losses = try [1, 2, 3, 6].map { order in
            let model = try NGramModel(tokens: characters[..<5400], vocabularySize: 128, order: order)
            return try model.evaluate(characters[5400...], after: characters[..<5400]).loss
        }
        #expect(losses[0] > losses[1] + 0.5 && losses[1] > losses[2] + 0.2 && losses[2] > losses[3])
    }

    @Test func limitsKeepTheEndOfTheText() throws {
        let text = Self.text(40_000, V: 29, seed: 8)
        let limited = try NGramModel(tokens: text, vocabularySize: 29, order: 5, tokenLimit: 1234)
        let suffix = try NGramModel(tokens: text.suffix(1234), vocabularySize: 29, order: 5)
        #expect(limited.tokensRead == 1234)
        #expect(limited.probabilities(after: text) == suffix.probabilities(after: text))

        let memory = try NGramModel(tokens: text, vocabularySize: 29, order: 5).memory
        for limit in [0, 5_000, 50_000, 300_000, memory / 2, memory - 1, memory + 200] {
            let model = try NGramModel(tokens: text, vocabularySize: 29, order: 5, memoryLimit: limit)
            #expect(model.memory <= limit || model.tokensRead == 0)
            #expect((model.tokensRead == text.count) == (limit >= memory))
            #expect(limit < 50_000 || model.memory > limit / 2)
            let same = try NGramModel(tokens: text.suffix(model.tokensRead), vocabularySize: 29, order: 5)
            #expect(model.probabilities(after: text) == same.probabilities(after: text))
        }
        let unread = try NGramModel(tokens: text, vocabularySize: 29, tokenLimit: 0)
        #expect(unread.probabilities(after: text) == [Double](repeating: 1.0 / 29, count: 29))
    }

    @Test func wrongInputIsRefused() throws {
        let model = try NGramModel(tokens: [0, 1, 2, 1, 0], vocabularySize: 3, order: 2)
        #expect(throws: NGramError.emptyText) { try model.evaluate([], after: [0]) }
        #expect(throws: NGramError.unknownToken(token: 3, index: 1, allowed: 0..<3)) { try model.evaluate([0, 3], after: [0]) }
        #expect(throws: NGramError.unknownToken(token: -1, index: 2, allowed: 0..<3)) {
            try NGramModel(tokens: [0, 1, -1, 2], vocabularySize: 3)
        }
        #expect(throws: NGramError.orderOutOfRange(order: 9, allowed: 1...8)) {
            try NGramModel(tokens: [0, 1], vocabularySize: 2, order: 9)
        }
        #expect(throws: NGramError.vocabularySizeOutOfRange(size: 0)) { try NGramModel(tokens: [], vocabularySize: 0) }
    }
}
