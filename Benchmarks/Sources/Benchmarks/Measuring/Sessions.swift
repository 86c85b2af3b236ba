import Chargen
import Foundation

/// What it costs to keep, fork and continue streams: the figures of `--sessions`.
struct Sessions {
    let device: Device
    /// Seconds of each measurement.
    let seconds: Double

    /// The figures, a line each.
    func lines() throws -> [String] {
        // The states come first: later, they would lie in memory that was freed before and is still counted.
        var lines: [String] = []
        for vocabulary in [65, 1027] {
            lines.append(try states(of: Self.model(vocabulary: vocabulary, hidden: 256, layers: 1)))
        }
        lines.append(try forks(of: Self.model(vocabulary: 65, hidden: 256, layers: 1)))
        return lines + (try steps(of: Self.model(vocabulary: 65, hidden: 512, layers: 2)))
    }

    private static func model(vocabulary: Int, hidden: Int, layers: Int) throws -> RNNModel {
        try RNNModel(
            configuration: RNNConfiguration(vocabularySize: vocabulary, hiddenSize: hidden, layers: layers), seed: 0)
    }

    /// The time of a fork after a long prefix: taking the state out, and starting another stream from it.
    private func forks(of model: RNNModel) throws -> String {
        let decoder = try TokenDecoder(model, device: device, capacity: 2), slot = try decoder.join()
        let prefix = (0..<10_000).map { Int32($0 * 7 % model.configuration.vocabularySize) }
        let read = try measure(once: true) { try decoder.read(prefix, in: slot) }
        let fork = try measure {
            let other = try decoder.join(try decoder.state(of: slot))
            try decoder.leave(other)
        }
        return "1 × 256, V 65: a prefix of 10,000 characters is read in \(Self.text(read)), a fork takes \(Self.text(fork))"
    }

    /// The memory of many states at once.
    private func states(of model: RNNModel) throws -> String {
        let decoder = try TokenDecoder(model, device: device), slot = try decoder.join()
        let before = Self.residentBytes
        let states = try (0..<10_000).map { number in
            try decoder.step([Int32(number % model.configuration.vocabularySize)], in: [slot])
            return try decoder.state(of: slot)
        }
        let megabytes = Double(Self.residentBytes - before) / 1e6
        return "1 × 256, V \(model.configuration.vocabularySize): \(states.count) states take \(Numbers.fixed(megabytes, 1)) MB"
    }

    /// The time of one step of a decoder and of one call of `RNNModel.forward`.
    private func steps(of model: RNNModel) throws -> [String] {
        let decoder = try TokenDecoder(model, precision: .float32, device: device), slot = try decoder.join()
        var state = model.zeroState(batchSize: 1), ratios: [Double] = [], times: [(Double, Double)] = []
        // In turn, since the machine's speed drifts.
        for _ in 0..<9 {
            let step = try measure { try decoder.step([3], in: [slot]) }
            let call = try measure { state = try model.forward(tokens: [3], batchSize: 1, state: state, device: device).state }
            ratios.append(call / step)
            times.append((step, call))
        }
        let middle = ratios.sorted()[ratios.count / 2], first = times[0]
        return [
            "2 × 512, V 65, float32: a decoder's step takes \(Self.text(first.0)), a call of forward \(Self.text(first.1)); "
                + "median of \(ratios.count) ratios \(Numbers.fixed(middle, 2))"
        ]
    }

    /// Seconds of one call of `body`.
    private func measure(once: Bool = false, _ body: () throws -> Void) throws -> Double {
        let clock = ContinuousClock()
        if !once { try body() }
        let start = clock.now
        var calls = 0
        repeat {
            try body()
            calls += 1
        } while !once && clock.now - start < .seconds(seconds / 10)
        let duration = (clock.now - start).components
        return (Double(duration.seconds) + Double(duration.attoseconds) * 1e-18) / Double(calls)
    }

    private static func text(_ seconds: Double) -> String {
        seconds < 1e-3 ? "\(Numbers.fixed(seconds * 1e6, 1)) µs" : "\(Numbers.fixed(seconds * 1e3, 1)) ms"
    }

    /// The memory that the process uses now.
    private static var residentBytes: Int {
        #if os(Linux)
            let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
            return (pages?.dropFirst().first.flatMap { Int($0) } ?? 0) * sysconf(Int32(_SC_PAGESIZE))
        #else
            var usage = rusage()
            getrusage(RUSAGE_SELF, &usage)
            return usage.ru_maxrss
        #endif
    }
}
