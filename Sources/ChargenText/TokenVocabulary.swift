/// The tokens (words or characters) that a classifier knows, and their ids.
///
/// Id 0 is padding, and id 1 stands for every unknown token. The other tokens are in the order of falling frequency in the
/// texts that the vocabulary was made from, equally frequent ones in ascending order of their Unicode scalar values. A
/// ``Vocabulary``, in contrast, has no id for unknown characters.
///
///     let vocabulary = TokenVocabulary(texts: ["a fine day", "a day"], unit: .words)
///     vocabulary.encode("a night")  // [2, 1]
public struct TokenVocabulary: Sendable, Equatable {
    /// The element of ``tokens`` for padding, with the id 0.
    public static let padding = ""
    /// The element of ``tokens`` for unknown tokens, with the id 1: U+FFFD, the replacement character.
    public static let unknown = "\u{FFFD}"

    /// The id of ``unknown``.
    package static let unknownID: Int32 = 1

    /// The unit into which texts are divided.
    public let unit: TextUnit
    /// The tokens; the one at index `i` has the id `i`.
    public let tokens: [String]
    private let ids: [String: Int32]

    /// Creates a vocabulary of all tokens that occur at least `minimumCount` times in `texts`.
    public init(texts: some Sequence<String>, unit: TextUnit, minimumCount: Int = 1) {
        var counts: [String: Int] = [:]
        for text in texts {
            for token in unit.tokens(of: text) { counts[token, default: 0] += 1 }
        }
        counts[Self.unknown] = nil
        let known = counts.filter { $0.value >= minimumCount }.sorted { first, second in
            first.value != second.value
                ? first.value > second.value
                : first.key.unicodeScalars.lexicographicallyPrecedes(second.key.unicodeScalars)
        }
        self.init(unchecked: [Self.padding, Self.unknown] + known.map(\.key), unit: unit)
    }

    /// Creates a vocabulary in which each token's id is its index in `tokens`.
    /// - Throws: ``TextError/reservedTokensMissing(found:)`` if the first two are not ``padding`` and ``unknown``,
    ///   ``TextError/duplicateToken(_:)``.
    public init(tokens: [String], unit: TextUnit) throws {
        guard tokens.starts(with: [Self.padding, Self.unknown]) else {
            throw TextError.reservedTokensMissing(found: Array(tokens.prefix(2)))
        }
        self.init(unchecked: tokens, unit: unit)
        guard ids.count == tokens.count else {
            var seen = Set<String>()
            throw TextError.duplicateToken(tokens.first { !seen.insert($0).inserted }!)
        }
    }

    private init(unchecked tokens: [String], unit: TextUnit) {
        self.unit = unit
        self.tokens = tokens
        ids = Dictionary(tokens.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
    }

    /// The number of tokens, V, including padding and the unknown token.
    public var count: Int { tokens.count }

    /// Returns the ids of the tokens of `text`; an unknown token gets the id 1.
    public func encode(_ text: String) -> [Int32] { unit.tokens(of: text).map(id) }

    /// Returns the unknown tokens of `text`, each once, in order of first appearance.
    public func unknownTokens(in text: String) -> [String] {
        var seen = Set<String>()
        return unit.tokens(of: text).filter { id(of: $0) == Self.unknownID && seen.insert($0).inserted }
    }

    private func id(of token: String) -> Int32 { ids[token] ?? Self.unknownID }

    /// Returns true if both have the same unit and give the same ids to the same tokens.
    public static func == (left: TokenVocabulary, right: TokenVocabulary) -> Bool {
        left.unit == right.unit && left.tokens == right.tokens
    }
}
