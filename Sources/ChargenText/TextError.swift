/// What can be wrong with a text.
public enum TextError: Error, Equatable, CustomStringConvertible {
    /// A character that the vocabulary does not have, and the offsets (in characters) at which it stands.
    public struct UnknownCharacter: Sendable, Equatable {
        /// The character.
        public let character: Character
        /// Where it stands, counted in characters from the start of the text.
        public let offsets: [Int]

        /// `character` at `offsets`.
        public init(character: Character, offsets: [Int]) {
            self.character = character
            self.offsets = offsets
        }
    }

    /// The text has characters that the vocabulary does not have; in order of first appearance.
    case unknownCharacters([UnknownCharacter])
    /// A vocabulary was given the same character twice.
    case duplicateCharacter(Character)
    /// A token vocabulary was given the same token twice.
    case duplicateToken(String)
    /// A token vocabulary was given `found` where the padding and the unknown token have to be.
    case reservedTokensMissing(found: [String])
    /// The text is too short: it needs `required` tokens for batches of `batchSize` by `steps`.
    case tooShort(characters: Int, required: Int, batchSize: Int, steps: Int)
    /// A batch size or a number of steps below one.
    case batchOutOfRange(batchSize: Int, steps: Int)

    /// What is wrong and the way out, in one line.
    public var description: String {
        switch self {
        case .unknownCharacters(let unknown):
            let shown = unknown.prefix(8).map { "\(String($0.character).quoted) at \($0.offsets[0])" }
            let more = unknown.count > 8 ? " and \(unknown.count - 8) more" : ""
            return "the model does not know \(unknown.count == 1 ? "the character" : "the characters") "
                + shown.joined(separator: ", ") + more
                + "; use characters of the text that it was trained on"
        case .duplicateCharacter(let character):
            return "the vocabulary has \(String(character).quoted) twice"
        case .duplicateToken(let token):
            return "the vocabulary has \(token.quoted) twice; give each token once"
        case .reservedTokensMissing(let found):
            let start = found.isEmpty ? "nothing" : found.map(\.quoted).joined(separator: " and ")
            return "the vocabulary starts with \(start); put \(TokenVocabulary.padding.quoted) for padding and "
                + "\(TokenVocabulary.unknown.quoted) for unknown tokens before the others"
        case .tooShort(let characters, let required, let batchSize, let steps):
            let count = "\(characters) \(characters == 1 ? "character" : "characters")"
            guard required > 2 else {
                return "a text of \(count) is too short, at least \(required) are needed: use a longer one"
            }
            return "\(count) to read are too few for batches of \(batchSize) × \(steps) steps, at least \(required) are "
                + "needed: use a longer text, a smaller batch size, fewer steps or less validation"
        case .batchOutOfRange(let batchSize, let steps):
            return "batches of \(batchSize) × \(steps) steps cannot be made; both must be at least 1"
        }
    }
}
