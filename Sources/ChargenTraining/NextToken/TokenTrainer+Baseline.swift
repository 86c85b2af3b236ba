import ChargenNN
import ChargenTensor

// MARK: - The baseline of a run

extension TokenTrainer {
    /// The share of the run's time that counting may take.
    private static let baselineShare = 0.05
    /// Floating-point operations in a second of training on a fast processor. On a slower one, training and counting both take
    /// longer.
    private static let operationsPerSecond = 600e9
    /// Seconds that counting may always take, however short the run.
    private static let leastBaselineSeconds = 0.02

    /// Computes ``baseline`` from the tokens of the run: those that are trained on, and those that are held out for validation.
    ///
    /// Without `seconds`, it may take a twentieth of the run's time limit or, where there is none, of the time that the run takes
    /// on a fast processor, which is estimated from the size of the model and the number of tokens. So the result never depends
    /// on the machine.
    /// - Parameter seconds: the time that counting may take at most; nil for a twentieth of the run's.
    /// - Returns: the baseline; nil where nothing is held out.
    /// - Throws: `NGramError`.
    @discardableResult
    public func computeBaseline(seconds: Double? = nil) throws -> CountingBaseline? {
        guard !split.heldOut.isEmpty else { return nil }
        baseline = try CountingBaseline(
            training: split.training, heldOut: split.heldOut, vocabularySize: configuration.vocabularySize,
            seconds: seconds ?? baselineSeconds)
        return baseline
    }

    /// Seconds for the baseline of the run.
    var baselineSeconds: Double {
        if let time = options.time { return Self.baselineShare * time.inSeconds }
        let (H, L) = (Double(configuration.hiddenSize), Double(configuration.layers))
        let operations = TrainingRecipe.operations(
            configuration.cell, units: H, layers: L, vocabulary: Double(configuration.vocabularySize))
        let tokens = plan.epochs * Double(plan.trainingCharacters)
        return max(Self.leastBaselineSeconds, Self.baselineShare * operations * tokens / Self.operationsPerSecond)
    }
}

extension Trainer {
    /// The loss of an n-gram model on the held-out characters; nil until ``computeBaseline(seconds:)`` computed it.
    public var baseline: CountingBaseline? { tokens.baseline }

    /// Computes ``baseline`` from the text of the run; see ``TokenTrainer/computeBaseline(seconds:)``.
    ///
    ///     if let counting = try trainer.computeBaseline() {
    ///         print("counting \(counting.order)-grams: \(counting.evaluation.loss)")
    ///     }
    ///
    /// - Parameter seconds: the time that counting may take at most; nil for a twentieth of the run's.
    /// - Returns: the baseline; nil where nothing is held out.
    /// - Throws: `NGramError`.
    @discardableResult
    public func computeBaseline(seconds: Double? = nil) throws -> CountingBaseline? {
        try tokens.computeBaseline(seconds: seconds)
    }
}
