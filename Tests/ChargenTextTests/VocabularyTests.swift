import ChargenText
import Testing

@Suite struct VocabularyTests {
    @Test func orderIsThatOfUnicodeScalars() {
        let vocabulary = Vocabulary(text: "分b\na 开e\u{301}a👩‍👩‍👧")
        #expect(vocabulary.characters == ["\n", " ", "a", "b", "e\u{301}", "分", "开", "👩‍👩‍👧"])
        #expect(vocabulary == Vocabulary(text: "👩‍👩‍👧a e\u{301}开b分\n"))
        #expect(vocabulary.count == 8)
    }

    @Test func thereAndBack() throws {
        let text = "a line\nand 分开 👩‍👩‍👧\n"
        let vocabulary = Vocabulary(text: text)
        let tokens = try vocabulary.encode(text)
        #expect(tokens.count == text.count)
        #expect(vocabulary.decode(tokens) == text)
        #expect(try Vocabulary(characters: vocabulary.characters) == vocabulary)
    }

    @Test func unknownCharactersAndWhereTheyStand() {
        let vocabulary = Vocabulary(text: "abc")
        #expect(throws: TextError.unknownCharacters([
            .init(character: "x", offsets: [1, 3]), .init(character: "分", offsets: [4]),
        ])) { try vocabulary.encode("axbx分c") }
        let message = "\(TextError.unknownCharacters([.init(character: "\t", offsets: [2])]))"
        #expect(message.contains("“\\t” at 2") && !message.contains("\n"))
    }

    @Test func duplicates() {
        #expect(throws: TextError.duplicateCharacter("b")) { try Vocabulary(characters: ["a", "b", "c", "b"]) }
    }

    @Test(arguments: [
        ("a\r\nb\rc\nd", "a\nb\nc\nd", "a b c d"), ("\r\n\r\n", "\n\n", "  "), ("\n\r", "\n\n", "  "), ("", "", ""),
        ("分\r\n开", "分\n开", "分 开"),
    ])
    func lineBreaks(_ text: String, _ kept: String, _ spaced: String) {
        #expect(LineBreaks.keep.normalizing(text) == kept)
        #expect(LineBreaks.space.normalizing(text) == spaced)
    }
}
