/// An error in a text, a vocabulary or a batch size.
public enum TextError: Error, Equatable, CustomStringConvertible {
    /// A character that is not in the vocabulary, and the places where it occurs.
    public struct UnknownCharacter: Sendable, Equatable {
        /// The character.
        public let character: Character
        /// Its offsets from the start of the text, in characters.
        public let offsets: [Int]

        /// Creates the description of `character` at `offsets`.
        package init(character: Character, offsets: [Int]) {
            self.character = character
            self.offsets = offsets
        }
    }

    /// The text has characters that are not in the vocabulary; they are in order of first appearance.
    case unknownCharacters([UnknownCharacter])
    /// The characters given for a vocabulary contain one character twice.
    case duplicateCharacter(Character)
    /// The tokens given for a vocabulary contain one token twice.
    case duplicateToken(String)
    /// The tokens given for a vocabulary start with `found` instead of the padding token and the unknown token.
    case reservedTokensMissing(found: [String])
    /// The text has `characters` tokens, but batches of `batchSize` × `steps` need at least `required`.
    case tooShort(characters: Int, required: Int, batchSize: Int, steps: Int)
    /// The batch size or the number of steps is below one.
    case batchOutOfRange(batchSize: Int, steps: Int)

    /// One line that says what is wrong and what to do about it.
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
