/// The characters that a model knows, and their token ids.
///
/// A character is a Swift `Character`: what a reader sees as one, even where Unicode needs several scalars for it. Ids
/// are given in ascending order of the characters' Unicode scalar values, so the same set of characters always gets the
/// same ids, whatever text it came from.
public struct Vocabulary: Sendable, Equatable {
    /// The characters; that at index `i` has the id `i`.
    public let characters: [Character]
    private let ids: [Character: Int32]

    /// The vocabulary of all distinct characters in `text`.
    public init(text: some Sequence<Character>) {
        let distinct = Set(text).sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
        self.init(unchecked: distinct)
    }

    /// A vocabulary that gives `characters` their ids in the order in which they stand.
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

    /// How many characters there are, V.
    public var count: Int { characters.count }

    /// The id of `character`, or nil where it is unknown.
    public func id(of character: Character) -> Int32? { ids[character] }

    /// Whether `character` is known.
    public func contains(_ character: Character) -> Bool { ids[character] != nil }

    /// The ids of the characters of `text`.
    /// - Throws: ``TextError/unknownCharacters(_:)`` with every character that is unknown and where it stands.
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

    /// The text of `tokens`. Traps where a token is none of the vocabulary's.
    public func decode(_ tokens: some Sequence<Int32>) -> String {
        String(tokens.map { characters[Int($0)] })
    }

    /// Whether both give the same characters the same ids.
    public static func == (left: Vocabulary, right: Vocabulary) -> Bool { left.characters == right.characters }
}
