import Chargen

/// A hook that prints text that the model generates, every few epochs and after the last one.
final class SampleHook: TrainingHook {
    private let trainer: Trainer
    private let display: TrainingDisplay
    private let terminal: Terminal
    private let prefixes: [String]
    private let length: Int
    private let every: Int
    private let seed: UInt64

    init(
        _ trainer: Trainer, display: TrainingDisplay, terminal: Terminal, prefixes: [String], length: Int, every: Int,
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

    /// Prints one text for each prefix, if it is the epoch's turn.
    /// - Throws: `TextError`, `BackendError`.
    func epochFinished(_ loop: TrainingLoop, _ metrics: EpochMetrics) throws {
        guard metrics.isComplete, !loop.isStopped, metrics.epoch % every == 0 || loop.isFinished else { return }
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
