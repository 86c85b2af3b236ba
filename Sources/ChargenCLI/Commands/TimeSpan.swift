import ArgumentParser

/// A time as an argument: a number with an optional unit, such as `60s`, `5m`, `1.5h` or `90` (seconds).
struct TimeSpan: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
        let unit = argument.last.flatMap { units[$0] }
        guard let number = Double(unit == nil ? argument : String(argument.dropLast())), number > 0, number < 1e9
        else { return nil }
        duration = .seconds(number * (unit ?? 1))
    }

    var defaultValueDescription: String { "\(duration)" }
}

/// The moment from which the command counts its time.
enum ProcessStart {
    /// The first use of this value; ``ChargenCommand/main()`` uses it first of all.
    static let time = ContinuousClock.now
}
