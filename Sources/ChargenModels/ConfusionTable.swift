/// A confusion matrix: for each true label, how often each label was predicted.
public struct ConfusionTable: Sendable, Equatable {
    /// The labels.
    public let labelNames: [String]
    /// The number of texts with a true label for which a label was predicted: `counts[actual][predicted]`.
    public let counts: [[Int]]

    /// The table of texts with the true labels `actual` and the labels `predicted`, as indices into `labelNames`.
    public init(labelNames: [String], actual: [Int], predicted: [Int]) {
        self.labelNames = labelNames
        let row = [Int](repeating: 0, count: labelNames.count)
        counts = zip(actual, predicted).reduce(into: [[Int]](repeating: row, count: labelNames.count)) { counts, pair in
            counts[pair.0][pair.1] += 1
        }
    }

    /// The number of texts.
    public var total: Int { counts.reduce(0) { $0 + $1.reduce(0, +) } }
    /// The number of texts whose label was predicted.
    public var right: Int { counts.indices.reduce(0) { $0 + counts[$1][$1] } }
    /// The share of the texts whose label was predicted.
    public var accuracy: Double { Double(right) / Double(max(total, 1)) }
}
