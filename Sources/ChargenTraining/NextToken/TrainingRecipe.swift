import ChargenNN
import ChargenTensor

/// The values of the options that a caller leaves open: what is trained, and how.
///
/// An option that names one of the usual cells (LSTM, GRU, simple RNN) gets the plain recipe of a course: no layer
/// normalization, no dropout, Adam. Otherwise the recipe follows from the length of the text, from the size of its vocabulary
/// and from the operations that the run may take.
struct TrainingRecipe: Sendable, Equatable {
    let cell: RNNConfiguration.Cell
    var layerNorm = false
    /// Units of each recurrent layer, H.
    var hiddenSize = 256
    let layers = 1
    var dropout = 0.0
    /// Sequences side by side, N, and time steps, T, where the text is long enough for them.
    var batchSize = 32
    var steps = 64
    var optimizer = OptimizerKind.adam
    var weightDecay = OptimizerSettings.defaultWeightDecay
    var learningRate = 1e-2
    var schedule = ScheduleKind.cosine
    /// The share of the run in which the learning rate rises.
    var warmup = 0.0
    /// The share of the highest learning rate that the run ends with; nil for the schedule's own.
    var finalRate: Double?
    /// Characters to train on.
    var characters = 1_000_000.0
    /// The fewest and the most passes over the text.
    var epochs = 5.0...200.0
    /// Why the recipe is as it is, one sentence for each choice; empty for a plain recipe.
    var reasons: [String] = []

    /// The operations of a run whose time is not limited: 110 s of a processor whose products peak at 860 GFLOP/s.
    static let defaultOperations = 110 * 860e9 * efficiency
    /// The share of the peak that training reaches.
    static let efficiency = 0.7
    /// A shorter text cannot be generalized from: a network learns much of it by heart.
    static let leastCharactersToGeneralize = 100_000

    init(_ options: TrainingOptions, characters: Int, vocabularySize: Int, operations: Double?) {
        cell = options.cell ?? .mlstm
        guard cell == .mlstm else {
            learningRate = options.optimizer == .sgd ? 1 : 1e-2
            return
        }
        choose(options, characters: Double(characters), V: Double(vocabularySize), operations ?? Self.defaultOperations)
    }

    /// Passes over a text of `characters`.
    func epochs(of characters: Int) -> Double {
        min(max(self.characters / Double(max(1, characters)), epochs.lowerBound), epochs.upperBound)
    }
}

// MARK: - The automatic choice

extension TrainingRecipe {
    /// The sizes that are chosen from.
    private static let sizes = [64, 96, 128, 192, 256, 320, 384, 512, 640, 768, 1024, 1280, 1536]

    /// Operations of training on one character: two for each weight in the forward pass and four in the backward pass. The
    /// input of the first layer is one-hot and takes no product.
    static func operations(units H: Double, layers L: Double, vocabulary V: Double) -> Double {
        6 * (5 * H * H * (2 * L - 1) + H * V)
    }

    private mutating func choose(_ options: TrainingOptions, characters n: Double, V: Double, _ operations: Double) {
        layerNorm = true
        optimizer = .adamw
        weightDecay = 0.1
        warmup = 0.03
        finalRate = 0
        batchSize = 16
        let layers = Double(options.layers ?? self.layers)
        func reach(_ H: Int) -> Double {
            operations / Self.operations(units: Double(H), layers: layers, vocabulary: V)
        }
        // TODO constants
        hiddenSize = options.hiddenSize ?? Self.sizes.last { reach($0) >= 4.5 * Double(5 * $0 * $0) } ?? Self.sizes[0]
        self.characters = reach(hiddenSize)
        epochs = 0.01...200
        let passes = self.characters / max(n, 1)
        dropout = passes < 1.5 ? 0 : min(0.5, 0.15 * passes)
    }
}
