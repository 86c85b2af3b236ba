import ChargenFiles

/// A source of texts, such as a format of files or a database.
///
/// The library reads zip archives and plain texts. Other sources are types of your own:
///
///     struct Subtitles: CorpusReader {
///         let path: String
///         var name: String { path }
///         func read() throws -> CorpusContents {
///             let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
///             let spoken = lines.filter { !$0.contains("-->") && Int($0) == nil }
///             return CorpusContents(texts: [(path, spoken.joined(separator: "\n"))])
///         }
///     }
///     let corpus = try Corpus(reading: Subtitles(path: "film.srt"))
public protocol CorpusReader {
    /// The name of the source in messages: the path of a file.
    var name: String { get }
    /// Reads and decodes all texts, in order.
    /// - Throws: any error of the source; ``Corpus/init(reading:options:)`` throws it on.
    func read() throws -> CorpusContents
}

/// The texts that a ``CorpusReader`` found.
public struct CorpusContents: Sendable {
    /// The name and the text of each member, in the order in which they are joined.
    public var texts: [(name: String, text: String)]
    /// The names of the members that are not texts.
    public var skipped: [String]
    /// True if the texts are members of an archive; false if a file is the text.
    var isArchive = false

    /// Texts with their names, and the names of what was skipped.
    public init(texts: [(name: String, text: String)] = [], skipped: [String] = []) {
        self.texts = texts
        self.skipped = skipped
    }
}

extension CorpusContents {
    /// Reads the file at `path`, a zip archive of texts or a plain text.
    /// - Throws: ``CorpusError``, `FileError`.
    init(path: String, limitBytes: UInt64) throws {
        self = try Self.reader(of: path, limitBytes: limitBytes).read()
    }

    /// Returns the reader for the file at `path`, chosen by its first bytes. The file is read only once, so it may be a
    /// pipe.
    static func reader(of path: String, limitBytes: UInt64) throws -> any CorpusReader {
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
