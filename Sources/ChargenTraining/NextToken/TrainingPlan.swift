import ChargenText

/// The numbers of a training run on a text: those of the options, and defaults that fit the text's length for the others.
public struct TrainingPlan: Sendable, Equatable {
    /// Characters of the training text: the start of the whole.
    public let trainingCharacters: Int
    /// Characters that are held out for validation: those after the training text.
    public let validationCharacters: Int
    /// Characters that are held out for the test: the end of the whole.
    public let testCharacters: Int
    /// Sequences side by side, N.
    public let batchSize: Int
    /// Time steps, T.
    public let steps: Int
    /// Passes over the training text; they do not count where the run has a time limit.
    public let epochs: Double
    /// The first learning rate.
    public let learningRate: Double

    /// Characters that a run trains on where no number of epochs is asked for.
    static let defaultCharacters = 1_000_000
    /// The text length under which nothing is held out by default.
    static let leastCharactersToSplit = 20_000

    /// - Throws: ``TrainingError/outOfRange(option:value:allowed:)``,
    ///   `TextError.tooShort` where the text is too short for what the options ask for.
    public init(options: TrainingOptions, characters: Int) throws {
        try options.validate()
        let share = options.validation ?? (characters < Self.leastCharactersToSplit ? 0 : 0.1)
        var kept = Int(Double(characters) * share)
        if share > 0 && options.validation != nil {
            // One character predicts nothing.
            kept = min(max(kept, 2), characters)
        }
        let rest = characters - kept
        testCharacters = options.test == 0 ? 0 : min(max(Int(Double(characters) * options.test), 2), rest)
        validationCharacters = kept
        trainingCharacters = rest - testCharacters
        let predictable = max(0, trainingCharacters - 1)

        // What is not asked for shrinks until it fits; what is asked for is an error where it does not.
        steps = options.steps ?? min(Self.defaultSteps, max(1, predictable))
        batchSize = options.batchSize
            ?? min(Self.defaultBatchSize, max(1, predictable / (steps * Self.leastBatches)))
        try BatchSize.check(batchSize: batchSize, steps: steps, length: trainingCharacters)
        epochs = options.epochs ?? Double(min(200, max(5, Self.defaultCharacters / max(1, trainingCharacters))))
        learningRate = options.learningRate ?? (options.optimizer == .sgd ? 1 : 1e-2)
    }

    private static let defaultSteps = 64
    private static let defaultBatchSize = 32
    /// The default batch size leaves at least this many steps to an epoch, if the text has the characters.
    private static let leastBatches = 16
}
