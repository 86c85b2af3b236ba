import ArgumentParser

/// A time as an argument: a number with an optional unit, such as `60s`, `5m`, `1.5h` or `90` (seconds).
struct TimeSpan {
    let duration: Duration

    /// - Throws: `ValidationError`, which continues the parser's message.
    init(argument: String) throws {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
        let unit = argument.last.flatMap { units[$0] }
        guard let number = Double(unit == nil ? argument : String(argument.dropLast())), number > 0, number < 1e9
        else { throw ValidationError("use a time above 0, such as 60s, 5m, 1.5h or 90 (seconds)") }
        duration = .seconds(number * (unit ?? 1))
    }
}

/// The moment from which the command counts its time.
enum ProcessStart {
    /// The first use of this value; ``ChargenCommand/main()`` uses it first of all.
    static let time = ContinuousClock.now
}
