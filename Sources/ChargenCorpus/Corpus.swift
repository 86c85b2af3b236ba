import ChargenFiles
import ChargenText

/// Text to learn from, and what it was read from.
public struct Corpus: Sendable {
    /// One text that was read.
    public struct Member: Sendable, Equatable {
        /// Its name in the archive, or the file's.
        public let name: String
        /// Its characters, before any limit.
        public let characters: Int
    }

    /// Where it was read from.
    public let path: String
    /// The text.
    public let text: [Character]
    /// The texts that it is made of, in order.
    public let members: [Member]
    /// Members of the archive that were passed over because they are no texts.
    public let skipped: [String]
    /// Distinct characters in ``text``.
    public let distinctCharacters: Int

    /// Reads a zip of texts or a plain text, in UTF-8.
    ///
    /// Texts of an archive follow each other in the order of their names (compared by Unicode scalars), with an empty
    /// line between two. CR LF and CR become one line break each, and a byte-order mark is dropped.
    /// - Throws: ``CorpusError``, ``FileError``.
    public init(path: String, options: CorpusOptions = CorpusOptions()) throws {
        if let limit = options.limitCharacters, limit < 1 { throw CorpusError.limitOutOfRange(limit) }
        let contents = try CorpusContents(path: path, limitBytes: options.limitBytes)

        var text: [Character] = []
        var members: [Member] = []
        let lineBreak: Character = options.lineBreaks == .keep ? "\n" : " "
        for (index, member) in contents.texts.enumerated() {
            let characters = Array(options.lineBreaks.normalizing(member.text))
            members.append(Member(name: member.name, characters: characters.count))
            text += characters
            if index < contents.texts.count - 1 {
                if characters.last != lineBreak { text.append(lineBreak) }
                text.append(lineBreak)
            }
        }
        if let limit = options.limitCharacters { text.removeLast(max(0, text.count - limit)) }
        guard !text.isEmpty else { throw CorpusError.empty(path: path) }

        self.path = path
        self.text = text
        self.members = members
        skipped = contents.skipped
        distinctCharacters = Set(text).count
    }
}
