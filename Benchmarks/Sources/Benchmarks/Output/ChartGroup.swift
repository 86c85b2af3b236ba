/// Bars that are drawn to one scale.
struct ChartGroup {
    /// One bar.
    struct Bar {
        let series: ChartSeries
        /// Characters or examples per second.
        let value: Double
    }

    let title: String
    /// More about it, in small letters beside the title; empty where the title says it all.
    let detail: String
    /// In the order of the legend.
    let bars: [Bar]

    /// Nil where nothing was measured that the chart shows.
    init?(_ result: ComparisonResult) {
        let work = result.comparison.work
        bars = ChartSeries.allCases.compactMap { series in
            result.measured.lazy
                .filter { ChartSeries($0.contestant) == series }
                .compactMap { $0.figures.median.map { Bar(series: series, value: $0) } }
                .first
        }
        guard !bars.isEmpty else { return nil }
        let isTraining = work.streams == nil
        title = isTraining ? result.comparison.title : "\(work.sizesText), \(result.comparison.variant ?? "")"
        detail = isTraining ? work.sizesText : ""
    }

    /// The longest bar's value.
    var longest: Double { bars.map(\.value).max() ?? 0 }

    /// How many times as fast chargen is as the fastest other; nil where there is no other.
    var lead: Double? {
        guard let ours = bars.first(where: { $0.series == .chargen })?.value,
            let theirs = bars.filter({ $0.series != .chargen }).map(\.value).max(), theirs > 0
        else { return nil }
        return ours / theirs
    }
}
