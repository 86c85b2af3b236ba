import ChargenFiles
import ChargenText

/// Texts to learn labels from, and the label of each.
public struct LabelledTexts: Sendable, Equatable {
    /// The texts.
    public let texts: [String]
    /// The label of each text, as an index into ``labelNames``.
    public let labels: [Int]
    /// The labels, in ascending order of their Unicode scalar values.
    public let labelNames: [String]

    /// `texts` with the label of each, all taken as they are. Traps where there are not as many labels as texts.
    /// - Throws: ``LabelledTextsError/noExamples(path:)``, ``LabelledTextsError/oneLabel(path:label:)``.
    public init(texts: [String], labels: [String]) throws { try self.init(texts: texts, labels: labels, path: nil) }

    /// Reads a plain file or a zip of such, in UTF-8.
    ///
    /// A line has a text, a tab and the label; a text may have tabs too, since the last one counts. White space around
    /// text and label is dropped, and so are blank lines and a byte-order mark. Members of a zip follow each other in
    /// the order of their names.
    /// - Parameter limitBytes: Most bytes of text that are unpacked, against archives that grow without end.
    /// - Throws: ``LabelledTextsError``, ``CorpusError``, ``FileError``.
    public init(contentsOf path: String, limitBytes: UInt64 = CorpusOptions().limitBytes) throws {
        let contents = try CorpusContents(path: path, limitBytes: limitBytes)
        var texts: [String] = []
        var labels: [String] = []
        for (name, content) in contents.texts {
            let member = contents.isArchive ? name : nil
            // Both are single bytes, and bytes are found faster than characters.
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

    /// How many texts there are.
    public var count: Int { texts.count }

    /// How many texts have each label, in the order of ``labelNames``.
    public var labelCounts: [Int] {
        labels.reduce(into: [Int](repeating: 0, count: labelNames.count)) { $0[$1] += 1 }
    }

    /// Splits into texts to learn from and texts held out from that, each in an order drawn from `generator`.
    ///
    /// `fraction` of all texts, rounded, are held out, and of each label its share, rounded up or down; at least one
    /// text of each label stays in training. Both parts keep all ``labelNames``. The same generator gives the same
    /// parts.
    /// - Parameter fraction: Traps where it is not from 0 up to, not including, 1.
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

    /// How many texts of each label are held out: its share rounded down, and one more where most is lost by that,
    /// until all together are `fraction`.
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

    private func subset(_ indices: [Int]) -> LabelledTexts {
        LabelledTexts(texts: indices.map { texts[$0] }, labels: indices.map { labels[$0] }, labelNames: labelNames)
    }

    /// `text` without white space around it.
    private static func trimmed(_ text: Substring) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }
}
