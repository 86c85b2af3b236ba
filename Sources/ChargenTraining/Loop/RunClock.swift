import ChargenTensor

/// The clock of a run with a time limit: how much of the run is over, and whether another step fits.
///
/// The run ends in time for its final measurement, whose seconds the loop measures on the way, and for what the caller does
/// after it.
struct RunClock {
    /// Gives the time; tests hand in another one.
    let now: @Sendable () -> ContinuousClock.Instant
    /// Seconds of the whole, from its start to its end.
    let seconds: Double
    /// When the steps and the final measurement must be done.
    let end: ContinuousClock.Instant
    /// Seconds of the final measurement; zero until it was measured.
    private(set) var finalSeconds = 0.0
    /// Seconds of a step, a running mean.
    private var stepSeconds = 0.0
    /// The start of this part of the run: the share of the run that was over by then, and the time.
    private let origin: (share: Double, time: ContinuousClock.Instant)

    /// - Parameters:
    ///   - limit: the time of the whole.
    ///   - start: when it began; nil for now.
    ///   - reserve: time that the caller needs after the training.
    ///   - share: the share of the run that is over already.
    init(
        limit: Duration, start: ContinuousClock.Instant?, reserve: Duration, share: Double,
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        self.now = now
        let time = now()
        seconds = limit.inSeconds
        end = (start ?? time).advanced(by: limit - reserve)
        origin = (share, time)
    }

    /// The share of the run that is over, from 0 to 1.
    var share: Double {
        let whole = (end - origin.time).inSeconds - finalSeconds
        guard whole > 0 else { return 1 }
        return min(1, origin.share + (1 - origin.share) * (now() - origin.time).inSeconds / whole)
    }

    /// Seconds until the last step must be done.
    var secondsLeft: Double { max(0, (end - now()).inSeconds - finalSeconds) }

    /// Whether no other step fits.
    var isOver: Bool { secondsLeft < stepSeconds }

    /// Takes the seconds of a step into account.
    mutating func finishedStep(_ seconds: Double) {
        stepSeconds = stepSeconds == 0 ? seconds : stepSeconds + (seconds - stepSeconds) / 8
    }

    /// Reserves time for the final measurement, with a tenth more for what varies.
    mutating func reserve(_ seconds: Double) { finalSeconds = 1.1 * seconds }
}
