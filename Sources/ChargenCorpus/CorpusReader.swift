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
}
