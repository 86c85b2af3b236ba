import Synchronization

/// The time that training spends in each of its parts.
package final class Profile: Sendable {
    /// The parts whose time is measured.
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

    /// Adds `seconds` to the time of `part`.
    package func add(_ seconds: Double, to part: Part) { totals.withLock { $0[part, default: 0] += seconds } }

    /// Runs `body` and adds its time to `part`.
    package func measure<Result>(_ part: Part, _ body: () throws -> Result) rethrows -> Result {
        let start = ContinuousClock.now
        defer { add((ContinuousClock.now - start).inSeconds, to: part) }
        return try body()
    }

    /// The seconds of each part so far.
    package var seconds: [Part: Double] { totals.withLock { $0 } }

    /// Sets all times to zero.
    package func reset() { totals.withLock { $0 = [:] } }
}

extension Duration {
    /// The duration in seconds.
    package var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
