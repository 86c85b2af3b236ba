/// Single figures and their median, in JSON.
struct FiguresJSON: Encodable {
    private let median: Double
    private let single: [Double]

    /// `figures` in multiples of `unit`; nil where there are none.
    init?(_ figures: Figures, unit: Double = 1) {
        guard let median = figures.median else { return nil }
        self.median = (median / unit).rounded(1)
        single = figures.single.map { ($0 / unit).rounded(1) }
    }
}
