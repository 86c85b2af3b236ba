/// The characters that a model knows, and their token ids.
///
/// A character is a Swift `Character`: a grapheme cluster, which may have several Unicode scalars. Ids are in ascending order of
/// the characters' Unicode scalar values, so the same set of characters always gets the same ids, whatever the text.
///
///     let vocabulary = Vocabulary(text: "banana")
///     try vocabulary.encode("nab")  // [2, 0, 1]
public struct Vocabulary: Sendable, Equatable {
    /// The characters; the one at index `i` has the id `i`.
    public let characters: [Character]
    private let ids: [Character: Int32]

    /// Creates a vocabulary of all distinct characters in `text`.
    public init(text: some Sequence<Character>) {
        let distinct = Set(text).sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
        self.init(unchecked: distinct)
    }

    /// Creates a vocabulary in which each character's id is its index in `characters`.
    /// - Throws: ``TextError/duplicateCharacter(_:)``.
    public init(characters: [Character]) throws {
        self.init(unchecked: characters)
        guard ids.count == characters.count else {
            var seen = Set<Character>()
            throw TextError.duplicateCharacter(characters.first { !seen.insert($0).inserted }!)
        }
    }

    private init(unchecked characters: [Character]) {
        self.characters = characters
        ids = Dictionary(characters.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
    }

    /// The number of characters, V.
    public var count: Int { characters.count }

    /// Returns the id of `character`; nil if it is unknown.
    public func id(of character: Character) -> Int32? { ids[character] }

    /// Returns true if `character` is in the vocabulary.
    public func contains(_ character: Character) -> Bool { ids[character] != nil }

    /// Returns the ids of the characters of `text`.
    /// - Throws: ``TextError/unknownCharacters(_:)`` with every unknown character and its offsets.
    public func encode(_ text: some Sequence<Character>) throws -> [Int32] {
        var tokens: [Int32] = []
        tokens.reserveCapacity(text.underestimatedCount)
        var unknown: [Character: [Int]] = [:]
        var order: [Character] = []
        for (offset, character) in text.enumerated() {
            if let id = ids[character] {
                tokens.append(id)
            } else if unknown[character] == nil {
                unknown[character] = [offset]
                order.append(character)
            } else {
                unknown[character]!.append(offset)
            }
        }
        guard order.isEmpty else {
            throw TextError.unknownCharacters(order.map { .init(character: $0, offsets: unknown[$0]!) })
        }
        return tokens
    }

    /// Returns the text of `tokens`. Traps if a token is not an id of the vocabulary.
    public func decode(_ tokens: some Sequence<Int32>) -> String {
        String(tokens.map { characters[Int($0)] })
    }

    /// Returns true if both give the same ids to the same characters.
    public static func == (left: Vocabulary, right: Vocabulary) -> Bool { left.characters == right.characters }
}
