import ChargenNN

/// A hook that ends the run when the validation loss no longer falls, like Keras's `EarlyStopping`.
///
/// The run ends as if this had been planned, with exact figures. Set ``FitOptions/keep`` to ``KeptWeights/best`` to keep the
/// weights with the lowest loss instead of the last ones.
///
///     try trainer.train(hooks: [EarlyStopping(patience: 5)])
public final class EarlyStopping: TrainingHook {
    private let patience: Int
    private let minDelta: Double
    private var best = Double.infinity
    private var waited = 0

    /// - Parameters:
    ///   - patience: how many measurements of the validation loss in a row may bring no improvement before the run ends.
    ///   - minDelta: by how much the loss must fall for an improvement.
    public init(patience: Int, minDelta: Double = 0) {
        self.patience = max(1, patience)
        self.minDelta = minDelta
    }

    /// Ends the run if it is time.
    public func validationFinished(_ loop: TrainingLoop, _ validation: LossTotals) {
        guard let loss = loop.comparedLoss else { return }
        waited = loss < best - minDelta ? 0 : waited + 1
        best = min(best, loss)
        if waited >= patience { loop.finish() }
    }
}

/// The weights of a trained model.
public enum KeptWeights: String, Sendable, Codable, CaseIterable {
    /// Those after the last step.
    case last
    /// Those with the lowest validation loss that was measured; the last ones where there is no validation data.
    case best
}
