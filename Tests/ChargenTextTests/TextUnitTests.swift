import ChargenText
import Testing

@Suite struct TextUnitTests {
    @Test func charactersAreWhatAReaderSees() {
        #expect(TextUnit.characters.tokens(of: "Ab 👩‍👩‍👧e\u{301}\n") == ["A", "b", " ", "👩‍👩‍👧", "e\u{301}", "\n"])
        #expect(TextUnit.characters.tokens(of: "").isEmpty)
    }

    @Test(arguments: [
        ("", []), (" \t\r\n\u{3000}\u{FEFF}\u{200B}\u{7}", []),
        ("The cat sat.", ["the", "cat", "sat", "."]),
        ("Wait… 3.14!? (no)", ["wait", "…", "3", ".", "14", "!", "?", "(", "no", ")"]),
        ("don't Don’t rock'n'roll", ["don't", "don't", "rock'n'roll"]),
        ("'tis the dogs' bed", ["'", "tis", "the", "dogs", "'", "bed"]),
        ("‘a’ a''b '", ["‘", "a", "'", "a", "'", "'", "b", "'"]),
        ("snake_case C++ a-b $5 x²", ["snake", "_", "case", "c", "+", "+", "a", "-", "b", "$", "5", "x²"]),
        ("Ärger İ Cafe\u{301} ПРИВЕТ 한국어 नमस्ते ＡＢ", ["ärger", "i̇", "café", "привет", "한국어", "नमस्ते", "ａｂ"]),
        ("我爱Swift 6！", ["我", "爱", "swift", "6", "！"]),
        ("ひらがなカタカナーﾊﾟ々〇", ["ひ", "ら", "が", "な", "カ", "タ", "カ", "ナ", "ー", "ﾊﾟ", "々", "〇"]),
        ("ok👍🏽👩‍👩‍👧🇩🇪1️⃣❤️", ["ok", "👍🏽", "👩‍👩‍👧", "🇩🇪", "1️⃣", "❤️"]),
        ("میخواهم می\u{200C}خواهم", ["میخواهم", "می\u{200C}خواهم"]),
    ])
    func words(_ text: String, _ tokens: [String]) {
        #expect(TextUnit.words.tokens(of: text) == tokens)
    }

    @Test(arguments: TextUnit.allCases) func tokensOfTokensAreThemselves(_ unit: TextUnit) {
        let text = "Wait… 3.14!? don’t 我爱Swift ひカー 👍🏽 1️⃣\nÄrger"
        for token in unit.tokens(of: text) { #expect(unit.tokens(of: token) == [token]) }
    }

    @Test func guessing() {
        let english = ["I liked it a lot.", "Not my kind of film", "Great!", "boring and far too long"]
        let chinese = ["我喜欢这部电影", "不好看", "很 好", "这部电影我在电影院看了两遍，每一遍都喜欢得不得了，真的 很好"]
        let names = ["Schmidt", "O'Neill", "Wang", "van Dyk"]
        #expect(TextUnit.guessed(from: english) == .words)
        #expect(TextUnit.guessed(from: chinese) == .characters)
        #expect(TextUnit.guessed(from: names) == .characters)
        #expect(TextUnit.guessed(from: [" a ", "  "]) == .characters)
        #expect(TextUnit.guessed(from: [String]()) == .characters)
    }
}
