/// What a classifier reads a text by.
public enum TextUnit: String, Sendable, Codable, CaseIterable {
    /// Each character, white space too.
    case characters
    /// Words in lower case, and whatever else can be seen, one by one.
    case words
}

extension TextUnit {
    /// The unit that suits `texts`: words where most of them have white space as often as words need it, one for every
    /// 20 characters, else characters.
    public static func guessed(from texts: some Sequence<String>) -> TextUnit {
        var spaced = 0, unspaced = 0
        for text in texts {
            var characters = 0, gaps = 0, afterSpace = false
            for character in text {
                if character.isWhitespace {
                    afterSpace = characters > 0
                } else {
                    if afterSpace { gaps += 1 }
                    afterSpace = false
                    characters += 1
                }
            }
            if gaps > 0 && gaps * 20 >= characters { spaced += 1 } else if characters > 0 { unspaced += 1 }
        }
        return spaced > unspaced ? .words : .characters
    }

    /// The tokens of `text`, in order.
    ///
    /// As words: runs of letters, numbers, marks and inner apostrophes are one token each, in lower case; so is every
    /// other character that can be seen (punctuation, an emoji, each of Han, Hiragana and Katakana). White space is
    /// dropped, and ’ is read as '.
    public func tokens(of text: String) -> [String] {
        switch self {
        case .characters: text.map(String.init)
        case .words: Self.words(of: text)
        }
    }

    private static func words(of text: String) -> [String] {
        var tokens: [String] = []
        var word = ""
        // Only the next character tells whether an apostrophe stands inside a word.
        var apostropheWaits = false
        func endWord() {
            if !word.isEmpty { tokens.append(word.lowercased()) }
            if apostropheWaits { tokens.append("'") }
            word = ""
            apostropheWaits = false
        }
        for character in text {
            switch Part(character) {
            case .word:
                if apostropheWaits { word += "'" }
                apostropheWaits = false
                word.append(character)
            case .apostrophe where !word.isEmpty && !apostropheWaits:
                apostropheWaits = true
            case .apostrophe:
                endWord()
                tokens.append("'")
            case .token:
                endWord()
                tokens.append(String(character))
            case .gap:
                endWord()
            }
        }
        endWord()
        return tokens
    }

    /// What a character is to words.
    private enum Part {
        /// A part of one.
        case word
        /// A part of one where it stands inside.
        case apostrophe
        /// A token of its own.
        case token
        /// Nothing that can be seen.
        case gap

        init(_ character: Character) {
            // Most characters are ASCII's, which need no look at Unicode's tables.
            if character.utf8.count == 1 {
                switch character.utf8.first! {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: self = .word
                case 0x27: self = .apostrophe
                case ...0x20, 0x7F: self = .gap
                default: self = .token
                }
                return
            }
            let scalars = character.unicodeScalars, first = scalars.first!
            switch first.properties.generalCategory {
            case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator:
                self = .gap
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
                .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber:
                // The enclosing keycap makes an emoji of a digit.
                self = Self.isWrittenWithoutSpaces(first) || scalars.contains("\u{20E3}") ? .token : .word
            default:
                self = character == "’" ? .apostrophe : .token
            }
        }

        /// Han, Hiragana and Katakana: the standard library does not tell scripts.
        private static func isWrittenWithoutSpaces(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.value {
            case ..<0x3005: false
            // Iteration marks; kana and its marks; phonetic extensions; half-width katakana; historic kana.
            case 0x3005, 0x3031...0x3035, 0x3041...0x30FF, 0x31F0...0x31FF, 0xFF66...0xFF9F, 0x1AFF0...0x1B16F: true
            default: scalar.properties.isIdeographic
            }
        }
    }
}
