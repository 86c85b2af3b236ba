/// A comparison and what was measured.
struct ComparisonResult {
    let comparison: Comparison
    /// In the order of the comparison's contestants.
    var measured: [Measured]

    init(_ comparison: Comparison) {
        self.comparison = comparison
        measured = comparison.contestants.map(Measured.init)
    }

    /// The median of chargen in `precision`, as it was asked for.
    func ours(_ precision: OurPrecision) -> Double? {
        measured.first { $0.contestant.program == .chargen && $0.contestant.precision == precision }?.figures.median
    }

    /// The speed of chargen in `precision` over the speed of the peer `other`; nil for chargen itself.
    func ratio(_ precision: OurPrecision, to other: Measured) -> Double? {
        guard other.contestant.program != .chargen, let theirs = other.figures.median, theirs > 0 else { return nil }
        return ours(precision).map { $0 / theirs }
    }

    /// FLOP/s of one contestant in training.
    func operationsPerSecond(_ measured: Measured) -> Double? {
        guard let speed = measured.figures.median,
            let operations = comparison.work.operations(embedding: measured.contestant.embedding)
        else { return nil }
        return speed * operations
    }

    /// The same as a share of the peak of the precision in use.
    func shareOfPeak(_ measured: Measured, _ peak: Peak) -> Double? {
        guard let speed = operationsPerSecond(measured), let precision = measured.precision,
            let peak = peak.median(precision)
        else { return nil }
        return speed / peak
    }
}
