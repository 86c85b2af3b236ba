import ChargenText
import Testing

@Suite struct TokenVocabularyTests {
    let texts = ["the cat sat", "The dog sat", "the end 我"]

    @Test func orderIsThatOfFrequency() {
        let vocabulary = TokenVocabulary(texts: texts, unit: .words)
        #expect(vocabulary.tokens == ["", "\u{FFFD}", "the", "sat", "cat", "dog", "end", "我"])
        #expect(vocabulary.count == 8)
        #expect(vocabulary == TokenVocabulary(texts: texts.reversed(), unit: .words))
        #expect(TokenVocabulary(texts: texts, unit: .words, minimumCount: 2).tokens == ["", "\u{FFFD}", "the", "sat"])
        #expect(TokenVocabulary(texts: ["ba ab"], unit: .characters).tokens == ["", "\u{FFFD}", "a", "b", " "])
        let empty = TokenVocabulary(texts: [String](), unit: .words)
        #expect(empty.tokens == [TokenVocabulary.padding, TokenVocabulary.unknown])
    }

    @Test func unknownTokens() {
        let vocabulary = TokenVocabulary(texts: texts, unit: .words)
        #expect(vocabulary.encode("A dog, the DOG; a fish") == [1, 5, 1, 2, 5, 1, 1, 1])
        #expect(vocabulary.unknownTokens(in: "A dog, the DOG; a fish") == ["a", ",", ";", "fish"])
        #expect(vocabulary.unknownTokens(in: "the cat").isEmpty)
        #expect(vocabulary.encode("").isEmpty)
    }

    /// The replacement character of a broken text is as unknown as what it replaced.
    @Test(arguments: TextUnit.allCases) func theReplacementCharacterIsUnknown(_ unit: TextUnit) {
        let vocabulary = TokenVocabulary(texts: ["a\u{FFFD}\u{FFFD}b"], unit: unit)
        #expect(vocabulary.count == 4)
        #expect(vocabulary.encode("\u{FFFD}") == [1])
        #expect(vocabulary.unknownTokens(in: "\u{FFFD}a") == ["\u{FFFD}"])
    }

    @Test(arguments: TextUnit.allCases) func encodingIsTheInverseOfTheTable(_ unit: TextUnit) throws {
        let vocabulary = TokenVocabulary(texts: texts + ["Wait… don’t 👍🏽 ひカ 1️⃣\r\ne\u{301}"], unit: unit)
        for (id, token) in vocabulary.tokens.enumerated().dropFirst(2) {
            #expect(vocabulary.encode(token) == [Int32(id)])
        }
        for text in texts {
            #expect(vocabulary.encode(text).map { vocabulary.tokens[Int($0)] } == unit.tokens(of: text))
            #expect(vocabulary.unknownTokens(in: text).isEmpty)
        }
        #expect(try TokenVocabulary(tokens: vocabulary.tokens, unit: unit) == vocabulary)
    }

    @Test func tablesThatCannotBe() {
        #expect(throws: TextError.duplicateToken("b")) {
            try TokenVocabulary(tokens: ["", "\u{FFFD}", "a", "b", "c", "b"], unit: .words)
        }
        #expect(throws: TextError.duplicateToken("")) {
            try TokenVocabulary(tokens: ["", "\u{FFFD}", "a", ""], unit: .words)
        }
        #expect(throws: TextError.reservedTokensMissing(found: ["a", "b"])) {
            try TokenVocabulary(tokens: ["a", "b", "c"], unit: .words)
        }
        #expect(throws: TextError.reservedTokensMissing(found: [""])) {
            try TokenVocabulary(tokens: [""], unit: .characters)
        }
    }

    @Test func errorsAreOneLine() {
        #expect("\(TextError.duplicateToken("\n"))" == #"the vocabulary has “\n” twice; give each token once"#)
        #expect("\(TextError.reservedTokensMissing(found: ["a", "b"]))"
            == "the vocabulary starts with “a” and “b”; put “” for padding and “\u{FFFD}” for unknown tokens "
            + "before the others")
        #expect("\(TextError.reservedTokensMissing(found: []))".hasPrefix("the vocabulary starts with nothing; "))
    }
}
