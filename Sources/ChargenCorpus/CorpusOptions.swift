import ChargenText

/// Options for reading a corpus.
public struct CorpusOptions: Sendable, Equatable {
    /// The treatment of line breaks.
    public var lineBreaks: LineBreaks
    /// The maximum number of characters, counted from the start; nil for all.
    public var limitCharacters: Int?
    /// The maximum number of bytes of all texts; it protects against archives that unpack to enormous sizes.
    public var limitBytes: UInt64

    /// Creates options; by default all text up to 2 GiB is read and line breaks are kept.
    public init(lineBreaks: LineBreaks = .keep, limitCharacters: Int? = nil, limitBytes: UInt64 = 2 << 30) {
        self.lineBreaks = lineBreaks
        self.limitCharacters = limitCharacters
        self.limitBytes = limitBytes
    }

    /// - Throws: ``CorpusError/limitOutOfRange(_:)``.
    func validate() throws {
        if let limit = limitCharacters, limit < 1 { throw CorpusError.limitOutOfRange(limit) }
    }
}
