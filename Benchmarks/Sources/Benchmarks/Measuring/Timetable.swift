/// Estimates the remaining time from the duration of earlier steps.
struct Timetable {
    /// The last duration of each step, in seconds, by the step's name.
    private var known: [String: Double] = [:]

    /// Records the duration of `step` in seconds.
    mutating func note(_ step: String, seconds: Double) { known[step] = seconds }

    /// Seconds that `step` takes; `guess` where it has not been run yet.
    func seconds(of step: String, guess: Double) -> Double { known[step] ?? guess }
}
