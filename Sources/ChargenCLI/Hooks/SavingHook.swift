import Chargen

/// A hook that saves the model every minute, so that a crash loses little, and at the end of the run, also after an error.
final class SavingHook: TrainingHook {
    private let path: String
    private let display: TrainingDisplay
    private let write: (String) throws -> Void
    private let clock = ContinuousClock()
    private var lastSave: ContinuousClock.Instant

    private static let interval = Duration.seconds(60)

    /// - Parameters:
    ///   - path: the path of the model.
    ///   - display: where the hook says what it does.
    ///   - write: writes the current model to the path that is its argument.
    init(path: String, display: TrainingDisplay, write: @escaping (String) throws -> Void) {
        self.path = path
        self.display = display
        self.write = write
        lastSave = clock.now
    }

    /// Saves the model if the last save was a minute ago. If that fails, the training continues, and the hook tries again a
    /// minute later.
    func stepFinished(_ loop: TrainingLoop) {
        guard clock.now - lastSave >= Self.interval else { return }
        lastSave = clock.now
        do {
            try write(path)
        } catch {
            display.write("warning: \(ExitStatus.message(for: error)); training continues")
        }
    }

    /// Saves the model at the end of the run; to another path, if its own cannot be written.
    /// - Throws: `SavedElsewhere`, `FileError`.
    func save() throws { try SavedElsewhere.save(to: path, write) }

    /// Runs the training and saves the model, also if the training throws; the parameters are then those after the last valid
    /// step.
    /// - Throws: ``StoppedTraining`` with the error of the training; the error of the saving.
    func saving(_ loop: TrainingLoop, _ train: () throws -> Void) throws {
        do {
            try train()
        } catch {
            guard loop.step > 0 else { throw error }
            do {
                try save()
            } catch let failure {
                throw StoppedTraining(error: error, result: ExitStatus.message(for: failure))
            }
            throw StoppedTraining(
                error: error, result: "saved \(path) as it was after \(Numbers.grouped(loop.step)) steps")
        }
        try save()
    }
}

/// A hook that stops the training when a signal arrives. It comes before the other hooks, so that they see the loop as
/// stopped.
final class SignalHook: TrainingHook {
    private let interruption: Interruption

    /// - Parameter interruption: receives the signals.
    init(_ interruption: Interruption) { self.interruption = interruption }

    /// Stops the loop if a signal has arrived.
    func stepFinished(_ loop: TrainingLoop) { if interruption.isRequested { loop.stop() } }

    /// Stops the loop if a signal has arrived, during validation for instance.
    func epochFinished(_ loop: TrainingLoop, _ metrics: EpochMetrics) { stepFinished(loop) }
}
