import ChargenNN
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
        try Self.check(options)
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

    private static func check(_ options: TrainingOptions) throws {
        func require(_ condition: Bool, _ option: String, _ value: Any, _ allowed: String) throws {
            if !condition { throw TrainingError.outOfRange(option: option, value: "\(value)", allowed: allowed) }
        }
        let sizes = RNNConfiguration.hiddenSizeRange
        try require(
            sizes ~= options.hiddenSize, "hidden", options.hiddenSize, "\(sizes.lowerBound) to \(sizes.upperBound)")
        if let size = options.batchSize { try require(1...65_536 ~= size, "batch-size", size, "1 to 65536") }
        if let steps = options.steps { try require(1...65_536 ~= steps, "steps", steps, "1 to 65536") }
        if let epochs = options.epochs { try require(1...1_000_000 ~= epochs, "epochs", epochs, "1 to 1000000") }
        if let rate = options.learningRate {
            try require(rate > 0 && rate <= 1000, "learning-rate", rate, "above 0, up to 1000")
        }
        try require(
            options.clipNorm >= 0 && options.clipNorm.isFinite, "clip-norm", options.clipNorm,
            "0 (no limit) or more")
        if let value = options.clipValue {
            try require(value > 0 && value.isFinite, "clip-value", value, "a number above 0")
        }
        if let share = options.validation { try require(share >= 0 && share <= 0.9, "validation", share, "0 to 0.9") }
    }
}
