import ChargenFiles
import ChargenText

/// A text to train on, read from a file, from the texts of a zip archive, or by a ``CorpusReader`` of your own.
///
///     let corpus = try Corpus(path: "lyrics.zip")
///     let trainer = try Trainer(text: corpus.text)
public struct Corpus: Sendable {
    /// A text that the corpus contains.
    public struct Member: Sendable, Equatable {
        /// The name of the text in the archive, or the name of the file.
        public let name: String
        /// The number of its characters, before a limit is applied.
        public let characters: Int
    }

    /// The path that the corpus was read from, or the name of its reader.
    public let path: String
    /// All texts, in order.
    public let text: String
    /// The number of characters in ``text``.
    public let characterCount: Int
    /// The texts that the corpus contains, in order.
    public let members: [Member]
    /// The names of the archive members that were skipped because they are not texts.
    public let skipped: [String]
    /// The number of distinct characters in ``text``.
    public let distinctCharacters: Int

    /// Reads a zip archive of texts, or a plain text, in UTF-8.
    ///
    /// The texts of an archive are joined in the order of their names (compared by Unicode scalars), with an empty line between
    /// two texts. Each CR LF and each CR becomes one line break, and a byte-order mark is removed.
    /// - Throws: ``CorpusError``, `FileError`.
    public init(path: String, options: CorpusOptions = CorpusOptions()) throws {
        try options.validate()
        try self.init(reading: try CorpusContents.reader(of: path, limitBytes: options.limitBytes), options: options)
    }

    /// Reads the texts of `reader`. They are joined in their order, with an empty line between two texts. Each CR LF and
    /// each CR becomes one line break. `options.limitBytes` is for files: a reader limits itself.
    /// - Throws: the reader's errors; ``CorpusError/empty(path:)``, ``CorpusError/limitOutOfRange(_:)``.
    public init(reading reader: some CorpusReader, options: CorpusOptions = CorpusOptions()) throws {
        try options.validate()
        let contents = try reader.read()
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
        guard !text.isEmpty else { throw CorpusError.empty(path: reader.name) }

        path = reader.name
        self.text = String(text)
        characterCount = text.count
        self.members = members
        skipped = contents.skipped
        distinctCharacters = Set(text).count
    }
}
