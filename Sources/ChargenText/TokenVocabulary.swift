/// The tokens that a classifier knows, and their ids.
///
/// Id 0 is padding and id 1 stands for every token that is unknown. The others are in the order of falling frequency in
/// the texts that the vocabulary was made from, equally frequent ones in ascending order of their Unicode scalar
/// values.
public struct TokenVocabulary: Sendable, Equatable {
    /// What stands for padding in ``tokens``, with the id 0.
    public static let padding = ""
    /// What stands for unknown tokens in ``tokens``, with the id 1: U+FFFD, the replacement character.
    public static let unknown = "\u{FFFD}"

    private static let unknownID: Int32 = 1

    /// What texts are cut into.
    public let unit: TextUnit
    /// The tokens; that at index `i` has the id `i`.
    public let tokens: [String]
    private let ids: [String: Int32]

    /// The vocabulary of all tokens that `texts` have at least `minimumCount` times.
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

    /// A vocabulary that gives `tokens` their ids in the order in which they stand, as ``tokens`` has them.
    /// - Throws: ``TextError/reservedTokensMissing(found:)`` where the first two are not ``padding`` and ``unknown``,
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

    /// How many tokens there are, padding and the unknown one among them, V.
    public var count: Int { tokens.count }

    /// The ids of the tokens of `text`.
    public func encode(_ text: String) -> [Int32] { unit.tokens(of: text).map(id) }

    /// The tokens of `text` that are unknown, each once, in order of first appearance.
    public func unknownTokens(in text: String) -> [String] {
        var seen = Set<String>()
        return unit.tokens(of: text).filter { id(of: $0) == Self.unknownID && seen.insert($0).inserted }
    }

    private func id(of token: String) -> Int32 { ids[token] ?? Self.unknownID }

    /// Whether both cut texts into the same units and give the same tokens the same ids.
    public static func == (left: TokenVocabulary, right: TokenVocabulary) -> Bool {
        left.unit == right.unit && left.tokens == right.tokens
    }
}
