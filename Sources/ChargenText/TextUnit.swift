/// The unit into which a classifier divides texts.
public enum TextUnit: String, Sendable, Codable, CaseIterable {
    /// Each character is a token, also white space.
    case characters
    /// Each word, in lower case, is a token, and so is every other visible character.
    case words
}

extension TextUnit {
    /// Guesses the unit that suits `texts`: words if most of the texts have white space at least once in 20 characters, else
    /// characters.
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

    /// Returns the tokens of `text`, in order.
    ///
    /// A word is a run of letters, numbers, marks and inner apostrophes. Every other visible character is a token of its own:
    /// punctuation, an emoji, and each character of Han, Hiragana and Katakana. White space is removed, and ’ is read as '.
    ///
    ///     TextUnit.words.tokens(of: "Don't stop!")  // ["don't", "stop", "!"]
    public func tokens(of text: String) -> [String] {
        switch self {
        case .characters: text.map(String.init)
        case .words: Self.words(of: text)
        }
    }

    private static func words(of text: String) -> [String] {
        var tokens: [String] = []
        var word = ""
        // The next character decides whether an apostrophe is inside a word.
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

    /// The role of a character in the division into words.
    private enum Part {
        /// The character is a part of a word.
        case word
        /// The character is a part of a word if word characters surround it.
        case apostrophe
        /// The character is a token of its own.
        case token
        /// The character is not visible and separates words.
        case gap

        init(_ character: Character) {
            // Most characters are ASCII, which needs no lookup in the Unicode tables.
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
                // The enclosing keycap turns a digit into an emoji.
                self = Self.isWrittenWithoutSpaces(first) || scalars.contains("\u{20E3}") ? .token : .word
            default:
                self = character == "’" ? .apostrophe : .token
            }
        }

        /// Returns true for Han, Hiragana and Katakana. The standard library has no property for scripts.
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
