import ChargenText
import Testing

@Suite struct QuotedTests {
    @Test(arguments: [
        ("", "“”"), ("a “b”", "“a “b””"), ("a\tb\r\n\u{1B}\u{7F}", #"“a\tb\r\n\u{1B}\u{7F}”"#),
        (String(repeating: "分", count: 40), "“\(String(repeating: "分", count: 40))”"),
        (String(repeating: "分", count: 41), "“\(String(repeating: "分", count: 40))…”"),
    ])
    func asOneLineCanShowIt(_ text: String, _ shown: String) {
        #expect(text.quoted == shown)
    }
}
