/// Groups under one heading.
struct ChartSection {
    let heading: String
    let groups: [ChartGroup]

    /// The sections with results, in the order of the chart: the most common work comes first.
    static func all(in results: [ComparisonResult]) -> [Self] {
        [
            training(.lstm, in: results),
            Self(heading: "Sampling from LSTMs", groups: groups(in: results) { $0.streams != nil }),
            training(.gru, in: results), training(.rnn, in: results),
            Self(heading: "Training classifiers, examples/s", groups: groups(in: results) { $0.isFit }),
        ].filter { !$0.groups.isEmpty }
    }

    /// What was trained with `cell`.
    private static func training(_ cell: Cell, in results: [ComparisonResult]) -> Self {
        Self(heading: "Training \(cell.name)s", groups: groups(in: results) { $0.cell == cell })
    }

    /// The work for which `isShown` returns true.
    private static func groups(in results: [ComparisonResult], where isShown: (Work) -> Bool) -> [ChartGroup] {
        results.filter { isShown($0.comparison.work) }.compactMap(ChartGroup.init)
    }
}
