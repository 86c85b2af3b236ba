import ChargenNN
import ChargenTensor
import ChargenText

/// The numbers of a training run on a text: those of the options, and for the others what fits the text.
public struct TrainingPlan: Sendable, Equatable {
    /// Characters of the training text: the start of the whole.
    public let trainingCharacters: Int
    /// Characters that are held out for validation: those after the training text.
    public let validationCharacters: Int
    /// Characters that are held out for the test: the end of the whole.
    public let testCharacters: Int
    /// The recurrent cell.
    public let cell: RNNConfiguration.Cell
    /// Whether the recurrent products are normalized.
    public let layerNorm: Bool
    /// Units of each recurrent layer, H.
    public let hiddenSize: Int
    /// Recurrent layers, L.
    public let layers: Int
    /// The share of each recurrent layer's outputs that training drops.
    public let dropout: Double
    /// The share of the states that training hides from the recurrent products.
    public let recurrentDropout: Double
    /// Sequences side by side, N.
    public let batchSize: Int
    /// Time steps, T.
    public let steps: Int
    /// Passes over the training text; they do not count where the run has a time limit.
    public let epochs: Double
    /// The rule by which parameters change.
    public let optimizer: OptimizerKind
    /// The weight decay of `adamw`, as a share of the learning rate.
    public let weightDecay: Double
    /// The highest learning rate.
    public let learningRate: Double
    /// Why the values that were not asked for are as they are, one sentence for each; empty where a usual cell was named.
    public let reasons: [String]
    /// What the values were chosen from.
    let recipe: TrainingRecipe

    /// Whether the whole text is long enough to generalize from. A network learns much of a shorter one by heart.
    public var isLongEnoughToGeneralize: Bool {
        trainingCharacters + validationCharacters + testCharacters >= TrainingRecipe.leastCharactersToGeneralize
    }

    /// The text length under which nothing is held out by default.
    static let leastCharactersToSplit = 20_000

    /// - Parameters:
    ///   - options: what is asked for.
    ///   - characters: the length of the whole text.
    ///   - vocabularySize: distinct characters, V.
    ///   - operations: floating-point operations that the run may take; nil for as many as two minutes of a fast processor.
    /// - Throws: ``TrainingError/outOfRange(option:value:allowed:)``,
    ///   `TextError.tooShort` where the text is too short for what the options ask for.
    public init(options: TrainingOptions, characters: Int, vocabularySize: Int, operations: Double? = nil) throws {
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

        let recipe = TrainingRecipe(
            options, characters: trainingCharacters, vocabularySize: vocabularySize, operations: operations)
        self.recipe = recipe
        cell = recipe.cell
        layerNorm = options.layerNorm ?? recipe.layerNorm
        hiddenSize = options.hiddenSize ?? recipe.hiddenSize
        layers = options.layers ?? recipe.layers
        dropout = options.dropout ?? recipe.dropout
        recurrentDropout = options.recurrentDropout ?? recipe.recurrentDropout
        optimizer = options.optimizer ?? recipe.optimizer
        weightDecay = options.weightDecay ?? recipe.weightDecay
        learningRate = options.learningRate ?? recipe.learningRate
        reasons = recipe.reasons

        // What is not asked for shrinks until it fits; what is asked for is an error where it does not.
        steps = options.steps ?? min(recipe.steps, max(1, predictable))
        batchSize = options.batchSize
            ?? min(recipe.batchSize, max(1, predictable / (steps * Self.leastBatches)))
        try BatchSize.check(batchSize: batchSize, steps: steps, length: trainingCharacters)
        epochs = options.epochs ?? recipe.epochs(of: trainingCharacters)
    }

    /// The validation loss to expect, from that of counting n-grams (``CountingBaseline``): what networks of the automatic choice
    /// reached on English verse and Python sources, give or take 6 percent. Nil for other networks, and for texts that are too short
    /// to generalize from.
    public func expectedLoss(counting loss: Double) -> ClosedRange<Double>? {
        guard let operations = recipe.operations, layerNorm, trainingCharacters >= TrainingRecipe.leastCharactersToGeneralize
        else { return nil }
        // Each tenfold of operations gains less: 1.06 of counting at 0.8e12 operations, 0.955 at 4e12, 0.91 at 48e12.
        let decades = naturalLogarithm(operations / 4e12) / naturalLogarithm(10)
        let ratio = max(0.8, 0.955 - (decades < 0 ? 0.15 : 0.042) * decades)
        return 0.94 * ratio * loss...1.06 * ratio * loss
    }

    /// The learning rate over the run.
    func schedule(_ options: TrainingOptions) -> any LearningRateSchedule {
        options.schedule ?? recipe.schedule.schedule(end: recipe.finalRate, warmup: recipe.warmup)
    }

    /// The default batch size leaves at least this many steps to an epoch, if the text has the characters.
    private static let leastBatches = 16
}
