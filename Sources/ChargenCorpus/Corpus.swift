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
        let contents = try Self.reader(of: path, limitBytes: options.limitBytes).read()

        var text: [Character] = []
        var members: [Member] = []
        let lineBreak: Character = options.lineBreaks == .keep ? "\n" : " "
        for (index, member) in contents.texts.enumerated() {
            var decoded = Substring(member.text)
            if decoded.unicodeScalars.first == "\u{FEFF}" { decoded = Substring(decoded.unicodeScalars.dropFirst()) }
            let characters = Array(options.lineBreaks.normalizing(decoded))
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

    /// The reader for what lies at `path`: told by the first bytes, not by the name alone. The file is read once, so that
    /// a pipe will do.
    private static func reader(of path: String, limitBytes: UInt64) throws -> any CorpusReader {
        let bytes = try WholeFile.bytes(of: path, limit: limitBytes)
        let start = bytes.prefix(4)
        // "PK" and the mark of a member, or of the directory of an archive without members.
        if start == [0x50, 0x4B, 3, 4] || start == [0x50, 0x4B, 5, 6] {
            return ZipReader(path: path, archive: bytes, limitBytes: limitBytes)
        }
        if path.lowercased().hasSuffix(".zip") { throw CorpusError.notAZip(path: path) }
        return TextReader(path: path, bytes: bytes)
    }
}
