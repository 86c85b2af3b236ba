/// How long what is left takes, judged by how long the same took before.
struct Timetable {
    /// Seconds that a step took last, by its name.
    private var known: [String: Double] = [:]

    /// Remembers that `step` took so many seconds.
    mutating func note(_ step: String, seconds: Double) { known[step] = seconds }

    /// Seconds that `step` takes; `guess` where it has not been run yet.
    func seconds(of step: String, guess: Double) -> Double { known[step] ?? guess }
}
