import ChargenFiles

/// A source of texts.
protocol CorpusReader {
    /// Reads and decodes all texts, in order.
    /// - Throws: ``CorpusError``.
    func read() throws -> CorpusContents
}

/// The texts that a reader found.
struct CorpusContents {
    /// The name and the text of each member.
    var texts: [(name: String, text: String)] = []
    /// The names of the members that are not texts.
    var skipped: [String] = []
    /// True if the texts are members of an archive; false if a file is the text.
    var isArchive = false
}

extension CorpusContents {
    /// Reads the file at `path`, a zip archive of texts or a plain text.
    /// - Throws: ``CorpusError``, `FileError`.
    init(path: String, limitBytes: UInt64) throws {
        self = try Self.reader(of: path, limitBytes: limitBytes).read()
    }

    /// Returns the reader for the file at `path`, chosen by its first bytes. The file is read only once, so it may be a
    /// pipe.
    private static func reader(of path: String, limitBytes: UInt64) throws -> any CorpusReader {
        let bytes = try WholeFile.bytes(of: path, limit: limitBytes)
        let start = bytes.prefix(4)
        // "PK" and the signature of a member, or of the directory of an archive without members.
        if start == [0x50, 0x4B, 3, 4] || start == [0x50, 0x4B, 5, 6] {
            return ZipReader(path: path, archive: bytes, limitBytes: limitBytes)
        }
        if path.lowercased().hasSuffix(".zip") { throw CorpusError.notAZip(path: path) }
        return TextReader(path: path, bytes: bytes)
    }
}
