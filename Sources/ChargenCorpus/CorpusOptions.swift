import ChargenText

/// How a corpus is read.
public struct CorpusOptions: Sendable, Equatable {
    /// What becomes of line breaks.
    public var lineBreaks: LineBreaks
    /// Only so many characters from the start; nil for all.
    public var limitCharacters: Int?
    /// Most bytes of text that are unpacked, against archives that grow without end.
    public var limitBytes: UInt64

    /// By default everything is read and line breaks are kept.
    public init(lineBreaks: LineBreaks = .keep, limitCharacters: Int? = nil, limitBytes: UInt64 = 2 << 30) {
        self.lineBreaks = lineBreaks
        self.limitCharacters = limitCharacters
        self.limitBytes = limitBytes
    }
}
