import Synchronization

/// What training spends: the time of each of its parts, and the memory of its backend.
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
    private let allocated = Mutex((bytes: 0, peak: 0))

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

    /// The most bytes that the backend's storages have had at a time.
    package var peakBytes: Int { allocated.withLock { $0.peak } }

    /// Counts memory that was allocated, or freed where `bytes` is negative.
    package func count(bytes: Int) {
        allocated.withLock {
            $0.bytes += bytes
            $0.peak = max($0.peak, $0.bytes)
        }
    }

    /// Sets all times to zero.
    package func reset() { totals.withLock { $0 = [:] } }
}

extension Duration {
    /// The duration in seconds.
    package var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
