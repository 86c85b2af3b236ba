import ChargenFiles

/// Something that texts are read from.
protocol CorpusReader {
    /// All texts, decoded, in order.
    /// - Throws: ``CorpusError``.
    func read() throws -> CorpusContents
}

/// What a reader found.
struct CorpusContents {
    /// Name and text of each member.
    var texts: [(name: String, text: String)] = []
    /// Names of members that are no texts.
    var skipped: [String] = []
    /// Whether the texts are members of an archive, not a file themselves.
    var isArchive = false
}

extension CorpusContents {
    /// What lies at `path`, a zip of texts or a plain text.
    /// - Throws: ``CorpusError``, ``FileError``.
    init(path: String, limitBytes: UInt64) throws {
        self = try Self.reader(of: path, limitBytes: limitBytes).read()
    }

    /// The reader for what lies at `path`: told by the first bytes, not by the name alone. The file is read once, so
    /// that a pipe will do.
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
