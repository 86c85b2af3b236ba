import ChargenFiles
import ChargenText

/// Texts with labels, to train a classifier on.
///
///     let all = try LabelledTexts(contentsOf: "reviews.tsv")
///     let (training, heldOut) = all.split(heldOut: 0.2, using: &random)
public struct LabelledTexts: Sendable, Equatable {
    /// The texts.
    public let texts: [String]
    /// The label of each text, as an index into ``labelNames``.
    public let labels: [Int]
    /// The labels, in ascending order of their Unicode scalar values.
    public let labelNames: [String]

    /// Creates labelled texts without changing any of them. Traps if the numbers of texts and labels differ.
    /// - Throws: ``LabelledTextsError/noExamples(path:)``, ``LabelledTextsError/oneLabel(path:label:)``.
    public init(texts: [String], labels: [String]) throws { try self.init(texts: texts, labels: labels, path: nil) }

    /// Reads a plain text, or a zip archive of texts, in UTF-8.
    ///
    /// Each line consists of a text, a tab and a label. The last tab of a line separates them, so the text may contain tabs.
    /// White space around texts and labels, blank lines and a byte-order mark are removed. The texts of an archive are read in
    /// the order of their names.
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - limitBytes: The maximum number of bytes of all texts; it protects against archives that unpack to enormous sizes.
    /// - Throws: ``LabelledTextsError``, ``CorpusError``, `FileError`.
    public init(contentsOf path: String, limitBytes: UInt64 = CorpusOptions().limitBytes) throws {
        let contents = try CorpusContents(path: path, limitBytes: limitBytes)
        var texts: [String] = []
        var labels: [String] = []
        for (name, content) in contents.texts {
            let member = contents.isArchive ? name : nil
            // Line feeds and tabs are single bytes in UTF-8, and searching bytes is faster than searching characters.
            let lines = LineBreaks.keep.normalizing(content).utf8
                .split(separator: 0x0A, omittingEmptySubsequences: false)
            for (index, bytes) in lines.enumerated() {
                let line = Self.trimmed(Substring(bytes))
                guard !line.isEmpty else { continue }
                guard let tab = bytes.lastIndex(of: 0x09) else {
                    throw LabelledTextsError.missingTab(path: path, member: member, line: index + 1, text: line)
                }
                let text = Self.trimmed(Substring(bytes[..<tab]))
                let label = Self.trimmed(Substring(bytes[tab...]))
                guard !text.isEmpty else {
                    throw LabelledTextsError.emptyText(path: path, member: member, line: index + 1, label: label)
                }
                guard !label.isEmpty else {
                    throw LabelledTextsError.emptyLabel(path: path, member: member, line: index + 1, text: text)
                }
                texts.append(text)
                labels.append(label)
            }
        }
        try self.init(texts: texts, labels: labels, path: path)
    }

    private init(texts: [String], labels: [String], path: String?) throws {
        precondition(texts.count == labels.count, "\(texts.count) texts and \(labels.count) labels")
        guard let first = labels.first else { throw LabelledTextsError.noExamples(path: path) }
        let names = Set(labels).sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
        guard names.count > 1 else { throw LabelledTextsError.oneLabel(path: path, label: first) }
        let indices = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        self.init(texts: texts, labels: labels.map { indices[$0]! }, labelNames: names)
    }

    private init(texts: [String], labels: [Int], labelNames: [String]) {
        self.texts = texts
        self.labels = labels
        self.labelNames = labelNames
    }

    /// The number of texts.
    public var count: Int { texts.count }

    /// The number of texts with each label, in the order of ``labelNames``.
    public var labelCounts: [Int] {
        labels.reduce(into: [Int](repeating: 0, count: labelNames.count)) { $0[$1] += 1 }
    }

    /// Splits the texts into training texts and held-out texts, each in an order drawn from `generator`.
    ///
    /// The split is stratified: the fraction of all texts, rounded, is held out, and the same fraction of the texts with each
    /// label, rounded up or down. At least one text with each label remains for training. Both parts have all ``labelNames``.
    /// The same generator gives the same parts.
    /// - Parameters:
    ///   - fraction: The fraction that is held out, at least 0 and below 1; traps otherwise.
    ///   - generator: The source of the random numbers.
    public func split(
        heldOut fraction: Double, using generator: inout some RandomNumberGenerator
    ) -> (training: LabelledTexts, heldOut: LabelledTexts) {
        precondition((0..<1).contains(fraction), "a fraction of \(fraction) held out")
        var wanted = heldOutCounts(fraction)
        var order = Array(texts.indices)
        order.shuffleReproducibly(using: &generator)
        var training: [Int] = [], heldOut: [Int] = []
        for index in order {
            if wanted[labels[index]] > 0 {
                wanted[labels[index]] -= 1
                heldOut.append(index)
            } else {
                training.append(index)
            }
        }
        return (subset(training), subset(heldOut))
    }

    /// Returns how many texts with each label are held out: its share rounded down, plus one for the labels that lose most by
    /// rounding, until the sum is the rounded `fraction` of all texts.
    private func heldOutCounts(_ fraction: Double) -> [Int] {
        let examples = labelCounts
        let shares = examples.map { Double($0) * fraction }
        var counts = zip(shares, examples).map { min(Int($0), max(0, $1 - 1)) }
        let missing = Int((Double(count) * fraction).rounded()) - counts.reduce(0, +)
        let lost = zip(shares, counts).map { $0 - Double($1) }
        let candidates = labelNames.indices
            .filter { lost[$0] > 0 && counts[$0] + 1 < examples[$0] }
            .sorted { lost[$0] != lost[$1] ? lost[$0] > lost[$1] : $0 < $1 }
        for label in candidates.prefix(max(0, missing)) { counts[label] += 1 }
        return counts
    }

    /// Returns the texts at `indices`, with all labels.
    private func subset(_ indices: [Int]) -> LabelledTexts {
        LabelledTexts(texts: indices.map { texts[$0] }, labels: indices.map { labels[$0] }, labelNames: labelNames)
    }

    /// Returns `text` without white space at its start and its end.
    private static func trimmed(_ text: Substring) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }
}
