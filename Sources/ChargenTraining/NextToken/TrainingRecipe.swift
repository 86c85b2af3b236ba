import ChargenNN
import ChargenText

/// The values of the options that a caller leaves open: what is trained, and how.
///
/// An option that names one of the usual cells (LSTM, GRU, simple RNN) gets the plain recipe of a course: no layer
/// normalization, no dropout, Adam. Otherwise the recipe follows from the length of the text, from the size of its vocabulary
/// and from the operations that the run may take.
struct TrainingRecipe: Sendable, Equatable {
    var cell = RNNConfiguration.Cell.lstm
    var layerNorm = false
    /// Units of each recurrent layer, H.
    var hiddenSize = 256
    var layers = 1
    var dropout = 0.0
    /// Sequences side by side, N, and time steps, T, where the text is long enough for them.
    var batchSize = 32
    var steps = 64
    var optimizer = OptimizerKind.adam
    var weightDecay = OptimizerSettings.defaultWeightDecay
    var learningRate = 1e-2
    var schedule: ScheduleKind = .cosine
    /// The share of the run in which the learning rate rises, and the share of the highest rate that it ends with; nil for the
    /// schedule's own.
    var warmup = 0.0
    var finalRate: Double?
    /// Characters to train on.
    var characters = 1_000_000.0
    /// The fewest and the most passes over the text.
    var epochs = 5.0...200.0
    /// Why the recipe is as it is, in words for the user; empty for a plain recipe.
    var reasons: [String] = []

    /// The operations of a run whose time is not limited: 110 s of a processor whose products peak at 860 GFLOP/s, of which
    /// training reaches about 70 %.
    static let defaultOperations = 110 * 860e9 * efficiency
    /// The share of the peak that training reaches.
    static let efficiency = 0.7
    /// Below so many characters a text cannot be generalized from: a network learns it by heart.
    static let leastCharactersToGeneralize = 100_000
}

extension TrainingRecipe {
    /// The recipe of a course for a cell that is named.
    static func plain(_ cell: RNNConfiguration.Cell, optimizer: OptimizerKind) -> TrainingRecipe {
        var recipe = TrainingRecipe()
        recipe.cell = cell
        recipe.learningRate = optimizer == .sgd ? 1 : 1e-2
        return recipe
    }
}
