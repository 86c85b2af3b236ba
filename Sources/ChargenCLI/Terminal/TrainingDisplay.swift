import Chargen

/// Shows the progress of a training run: a live line on a terminal, and a plain line every few seconds on any other output.
struct TrainingDisplay: MetricSink {
    private let terminal: Terminal
    private var line: LiveLine
    private let clock = ContinuousClock()
    private var lastPlainLine: ContinuousClock.Instant?
    private let epochs: Int
    private let isQuiet: Bool
    /// The progress after the last step.
    private var recent: StepProgress?
    private var shownEpoch = 0
    /// The epoch with the lowest validation loss so far.
    private(set) var best: EpochMetrics?

    /// A display of a run of `epochs` epochs; with `quiet` it only remembers the best epoch.
    init(terminal: Terminal, epochs: Int, quiet: Bool) {
        self.terminal = terminal
        self.epochs = epochs
        isQuiet = quiet
        line = LiveLine(terminal)
    }

    /// Updates the live line after a step.
    mutating func record(_ progress: StepProgress) {
        recent = progress
        guard !isQuiet else { return }
        line.show { [terminal] in
            let done = (Double(progress.epoch - 1) + Double(progress.step) / Double(progress.stepsPerEpoch))
                / Double(progress.epochs)
            let filled = Int(done * 20)
            let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
            // Omit the bar on a narrow terminal.
            return (terminal.width < 90 ? "" : "\(bar) ") + "epoch \(progress.epoch)/\(progress.epochs)  perplexity "
                + "\(Numbers.perplexity(progress.perplexity))  \(Numbers.fixed(progress.charactersPerSecond, 0)) chars/s  "
                + "\(Numbers.duration(progress.secondsLeft)) left"
        }
    }

    /// Writes a plain line after an epoch if the last one is some seconds old.
    mutating func record(_ metrics: EpochMetrics) {
        if let loss = metrics.validationLoss, loss < best?.validationLoss ?? .infinity { best = metrics }
        guard !isQuiet, !terminal.isInteractive else { return }
        let now = clock.now
        let isDue = lastPlainLine.map { now - $0 >= .seconds(5) } ?? true
        if isDue || metrics.epoch == epochs || !metrics.isComplete { show(metrics) }
    }

    /// Writes the line for an epoch, unless it has been written.
    mutating func show(_ metrics: EpochMetrics) {
        guard shownEpoch != metrics.epoch else { return }
        shownEpoch = metrics.epoch
        lastPlainLine = clock.now
        write(summary(of: metrics))
    }

    /// The line for an epoch.
    private func summary(of metrics: EpochMetrics) -> String {
        var text = "epoch \(metrics.epoch)/\(epochs)  perplexity \(Numbers.perplexity(metrics.perplexity))"
        if let loss = metrics.validationLoss { text += "  validation loss \(Numbers.fixed(loss, 4))" }
        text += "  \(Numbers.fixed(metrics.charactersPerSecond, 0)) chars/s"
        if let recent, metrics.isComplete, metrics.epoch < epochs {
            text += "  \(Numbers.duration(recent.secondsLeft)) left"
        }
        return text
    }

    /// Writes a line above the live line.
    mutating func write(_ text: String) {
        line.clear()
        terminal.write(text + "\n")
    }
}
