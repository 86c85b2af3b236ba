import Synchronization

/// Where the time of training goes, part by part.
package final class Profile: Sendable {
    /// The parts that time is counted for.
    package enum Part: String, Sendable, CaseIterable {
        case recurrentProducts = "recurrent products"
        case gates
        case inputProducts = "input products"
        case outputLayer = "output layer"
        case loss
        case packing
        case optimizer
    }

    private let totals = Mutex<[Part: Double]>([:])

    package init() {}

    /// Counts `seconds` for `part`.
    package func add(_ seconds: Double, to part: Part) { totals.withLock { $0[part, default: 0] += seconds } }

    /// Runs `body` and counts its time for `part`.
    package func measure<Result>(_ part: Part, _ body: () throws -> Result) rethrows -> Result {
        let start = ContinuousClock.now
        defer { add((ContinuousClock.now - start).inSeconds, to: part) }
        return try body()
    }

    /// Seconds so far.
    package var seconds: [Part: Double] { totals.withLock { $0 } }

    /// Begins anew.
    package func reset() { totals.withLock { $0 = [:] } }
}

extension Duration {
    /// The duration as a number.
    package var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
