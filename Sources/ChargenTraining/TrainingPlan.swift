import ChargenText

/// The numbers of a training run, all settled: what the options say, and for a text of this length what they leave open.
public struct TrainingPlan: Sendable, Equatable {
    /// Characters that are learned from: the start of the text.
    public let trainingCharacters: Int
    /// Characters that are kept aside: the end of the text.
    public let validationCharacters: Int
    /// Sequences side by side, N.
    public let batchSize: Int
    /// Time steps, T.
    public let steps: Int
    /// Times that the text is gone through.
    public let epochs: Int
    /// The learning rate that the schedule starts from.
    public let learningRate: Double

    /// Characters that a run goes through where no number of epochs is asked for.
    static let defaultCharacters = 1_000_000
    /// The text length under which nothing is kept aside by default.
    static let leastCharactersToSplit = 20_000

    /// - Throws: ``TrainingError/outOfRange(option:value:allowed:)``,
    ///   `TextError.tooShort` where the text is too short for what the options ask for.
    public init(options: TrainingOptions, characters: Int) throws {
        try options.validate()
        let share = options.validation ?? (characters < Self.leastCharactersToSplit ? 0 : 0.1)
        var kept = Int(Double(characters) * share)
        if share > 0 && options.validation != nil {
            // One character predicts nothing.
            kept = max(kept, 2)
        }
        validationCharacters = kept
        trainingCharacters = characters - kept
        let predictable = trainingCharacters - 1

        // What is not asked for shrinks until it fits; what is asked for is an error where it does not.
        steps = options.steps ?? min(Self.defaultSteps, max(1, predictable))
        batchSize = options.batchSize
            ?? min(Self.defaultBatchSize, max(1, predictable / (steps * Self.leastBatches)))
        guard predictable >= steps * batchSize else {
            throw TextError.tooShort(
                characters: trainingCharacters, required: steps * batchSize + 1, batchSize: batchSize, steps: steps)
        }
        epochs = options.epochs ?? min(200, max(5, Self.defaultCharacters / trainingCharacters))
        learningRate = options.learningRate ?? (options.optimizer == .sgd ? 1 : 1e-2)
    }

    private static let defaultSteps = 64
    private static let defaultBatchSize = 32
    /// A text gives this many steps an epoch at least, if it has the characters.
    private static let leastBatches = 16
}
