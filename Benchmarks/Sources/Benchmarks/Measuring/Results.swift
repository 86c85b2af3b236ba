/// All that one run measured.
struct Results {
    let machine: Machine
    /// Rounds that each figure is the median of.
    let rounds: Int
    /// Seconds of each measurement.
    let seconds: Double
    /// Versions of Python and of the peers' packages.
    let versions: [String: String]
    var peak = Peak()
    var comparisons: [ComparisonResult]

    /// `5 rounds`.
    var roundsText: String { rounds == 1 ? "1 round" : "\(rounds) rounds" }

    /// How time grows with the model.
    var growth: [Growth] { Growth.all(in: comparisons) }
}
