/// Which labels were told for which: rows are the labels that texts have, columns those that were told.
public struct ConfusionTable: Sendable, Equatable {
    /// The labels.
    public let labelNames: [String]
    /// `counts[actual][told]`.
    public let counts: [[Int]]

    /// The table of texts with the labels `actual` for which `told` were told, as indices into `labelNames`.
    public init(labelNames: [String], actual: [Int], told: [Int]) {
        self.labelNames = labelNames
        let row = [Int](repeating: 0, count: labelNames.count)
        counts = zip(actual, told).reduce(into: [[Int]](repeating: row, count: labelNames.count)) { counts, pair in
            counts[pair.0][pair.1] += 1
        }
    }

    /// Texts in all.
    public var total: Int { counts.reduce(0) { $0 + $1.reduce(0, +) } }
    /// Texts whose label was told.
    public var right: Int { counts.indices.reduce(0) { $0 + counts[$1][$1] } }
    /// Share of the texts whose label was told.
    public var accuracy: Double { Double(right) / Double(max(total, 1)) }
}
