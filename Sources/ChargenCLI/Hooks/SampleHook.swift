import Chargen

/// A hook that prints text that the model generates, every few epochs, or ten times in the run, and at its end.
final class SampleHook: TrainingHook {
    private let trainer: Trainer
    private let display: TrainingDisplay
    private let terminal: Terminal
    private let prefixes: [String]
    private let length: Int
    /// The epochs between two texts; nil for a tenth of the run.
    private let every: Int?
    private var tenths = 0
    private let seed: UInt64

    init(
        _ trainer: Trainer, display: TrainingDisplay, terminal: Terminal, prefixes: [String], length: Int, every: Int?,
        seed: UInt64
    ) {
        self.trainer = trainer
        self.display = display
        self.terminal = terminal
        self.prefixes = prefixes
        self.length = length
        self.every = every
        self.seed = seed
    }

    /// Prints texts, if it is the epoch's turn.
    /// - Throws: `TextError`, `BackendError`.
    func epochFinished(_ loop: TrainingLoop, _ metrics: EpochMetrics) throws {
        guard metrics.isComplete, !loop.isStopped, loop.isFinished || isDue(loop, metrics) else { return }
        try show(loop, metrics)
    }

    /// Prints texts, if another tenth of the run is over.
    /// - Throws: `TextError`, `BackendError`.
    func measurementFinished(_ loop: TrainingLoop, _ metrics: EpochMetrics) throws {
        if every == nil && isDue(loop, metrics) { try show(loop, metrics) }
    }

    private func isDue(_ loop: TrainingLoop, _ metrics: EpochMetrics) -> Bool {
        if let every { return metrics.epoch % every == 0 }
        let reached = Int(loop.progress.share * 10)
        defer { tenths = reached }
        return reached > tenths
    }

    /// Prints one text for each prefix.
    private func show(_ loop: TrainingLoop, _ metrics: EpochMetrics) throws {
        display.show(metrics, loop.progress)
        let model = trainer.model
        for prefix in prefixes {
            let text = try model.generate(prefix: prefix, length: length, seed: seed)
            for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
                display.write(terminal.faint("  │ ") + line)
            }
        }
    }
}
