import Chargen

/// Shows the progress of a training run: a live line on a terminal, and a plain line every few seconds on any other output.
final class TrainingDisplay: TrainingHook {
    /// The texts of the two kinds of line, which differ between models of text and classifiers.
    struct Lines {
        /// The live line after a step, without the progress bar.
        let live: (TrainingProgress) -> String
        /// The line of an epoch.
        let epoch: (EpochMetrics, TrainingProgress) -> String
        /// Seconds between two plain lines.
        let interval: Double
        /// Whether plain lines are written to a terminal too.
        let areShownOnTerminals: Bool
    }

    private let terminal: Terminal
    private let lines: Lines
    private let isQuiet: Bool
    private var line: LiveLine
    private let clock = ContinuousClock()
    private var lastPlainLine: ContinuousClock.Instant?
    private var shownStep = 0

    /// A display that shows nothing if it is quiet, but the messages given to ``write(_:)``.
    init(_ lines: Lines, terminal: Terminal, quiet: Bool) {
        self.lines = lines
        self.terminal = terminal
        isQuiet = quiet
        line = LiveLine(terminal)
    }

    /// Updates the live line.
    func stepFinished(_ loop: TrainingLoop) {
        guard !isQuiet else { return }
        line.show { [terminal, lines] in
            let progress = loop.progress
            let filled = Int(progress.share * 20)
            let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
            // Omit the bar on a narrow terminal.
            return (terminal.width < 90 ? "" : "\(bar) ") + lines.live(progress)
        }
    }

    /// Writes a plain line within an epoch, if the last one is some seconds old.
    func measurementFinished(_ loop: TrainingLoop, _ metrics: EpochMetrics) { epochFinished(loop, metrics) }

    /// Says that the run went back to its last good state.
    func recovered(_ loop: TrainingLoop, _ recovery: Recovery) {
        guard !isQuiet else { return }
        write(
            "the loss exploded in step \(Numbers.grouped(recovery.step)): training goes on from the weights after step "
                + "\(Numbers.grouped(recovery.goodStep)) with half the learning rate (\(recovery.number) of \(recovery.limit))")
    }

    /// Writes a plain line, if the last one is some seconds old.
    func epochFinished(_ loop: TrainingLoop, _ metrics: EpochMetrics) {
        guard !isQuiet, lines.areShownOnTerminals || !terminal.isInteractive else { return }
        let isDue = lastPlainLine.map { clock.now - $0 >= .seconds(lines.interval) } ?? true
        if isDue || loop.isFinished || !metrics.isComplete || loop.isStopped { show(metrics, loop.progress) }
    }

    /// Writes the line of a measurement, unless it has been written.
    func show(_ metrics: EpochMetrics, _ progress: TrainingProgress) {
        guard shownStep != metrics.step else { return }
        shownStep = metrics.step
        lastPlainLine = clock.now
        write(lines.epoch(metrics, progress))
    }

    /// Writes a line above the live line.
    func write(_ text: String) {
        line.clear()
        terminal.write(text + "\n")
    }
}
