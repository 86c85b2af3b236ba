/// The single figures of one quantity, one from each round.
struct Figures {
    /// In the order of the rounds.
    private(set) var single: [Double] = []

    /// Adds a round's figure.
    mutating func add(_ figure: Double) { single.append(figure) }

    /// The median; nil if there are no figures.
    var median: Double? {
        guard !single.isEmpty else { return nil }
        let sorted = single.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    /// The range from the lowest to the highest figure, as a fraction of the median; nil for fewer than two figures.
    var spread: Double? {
        guard single.count > 1, let low = single.min(), let high = single.max() else { return nil }
        guard let median, median > 0 else { return nil }
        return (high - low) / median
    }
}
