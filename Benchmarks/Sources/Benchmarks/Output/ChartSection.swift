/// Groups under one heading.
struct ChartSection {
    let heading: String
    let groups: [ChartGroup]

    /// Those that have something to show, in the order of the chart: what most users do comes first.
    static func all(in results: [ComparisonResult]) -> [Self] {
        [
            training(.lstm, in: results),
            Self(heading: "Sampling from LSTMs", groups: groups(of: nil, in: results)),
            training(.gru, in: results), training(.rnn, in: results),
        ].filter { !$0.groups.isEmpty }
    }

    /// What was trained with `cell`.
    private static func training(_ cell: Cell, in results: [ComparisonResult]) -> Self {
        Self(heading: "Training \(cell.name)s", groups: groups(of: cell, in: results))
    }

    /// What was trained with `cell`, or with nil what was sampled.
    private static func groups(of cell: Cell?, in results: [ComparisonResult]) -> [ChartGroup] {
        results.filter { $0.comparison.work.cell == cell }.compactMap(ChartGroup.init)
    }
}
