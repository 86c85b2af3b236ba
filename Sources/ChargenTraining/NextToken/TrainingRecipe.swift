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
    var recurrentDropout = 0.0
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
    /// The operations that the run takes: a measure of how far it gets; nil for a plain recipe.
    var operations: Double?
    /// Why the recipe is as it is, one sentence for each choice; empty for a plain recipe.
    var reasons: [String] = []

    /// The operations of a run whose time is not limited: 110 s of a processor whose products peak at 860 GFLOP/s.
    static let defaultOperations = 110 * 860e9 * efficiency
    /// The share of the peak that training reaches.
    static let efficiency = 0.55
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
        let exact = min(max(self.characters / Double(max(1, characters)), epochs.lowerBound), epochs.upperBound)
        let digits = exact < 1 ? 1000.0 : exact < 10 ? 10 : 1
        return (exact * digits).rounded() / digits
    }
}

// MARK: - The automatic choice

extension TrainingRecipe {
    /// The numbers of units that are chosen from.
    private static let sizes = [64, 96, 128, 192, 256, 320, 384, 448, 512, 576, 640, 768, 896, 1024, 1280, 1536]
    /// Characters that are trained on for each weight of the recurrent kernels, at least: a larger network would learn too little.
    private static let charactersPerWeight = 4.5
    /// Passes over a text that are worth their time, at most: after them a network of any size overfits.
    private static let mostPasses = 16.0

    /// Operations of training on one character: two for each weight in the forward pass and four in the backward pass. The
    /// input of the first layer is one-hot and takes no product.
    static func operations(
        _ cell: RNNConfiguration.Cell, units H: Double, layers L: Double, vocabulary V: Double
    ) -> Double {
        6 * (weights(cell, units: H, layers: L) + H * V)
    }

    /// Weights of the recurrent layers but for the input of the first one.
    private static func weights(_ cell: RNNConfiguration.Cell, units H: Double, layers L: Double) -> Double {
        Double(cell.recurrentProducts) * H * H * (2 * L - 1)
    }

    private mutating func choose(_ options: TrainingOptions, characters n: Double, V: Double, _ operations: Double) {
        let L = Double(options.layers ?? layers), isShort = n < Double(Self.leastCharactersToGeneralize)
        // A short text is read until the network can write lines of it.
        let most = isShort ? min(max(1_000_000, 20 * n), 60 * n) : Self.mostPasses * n
        /// Characters that a network of `units` can be trained on.
        func reach(_ units: Int) -> Double {
            min(operations / Self.operations(cell, units: Double(units), layers: L, vocabulary: V), most)
        }
        let largest = isShort ? 256 : Self.sizes[Self.sizes.count - 1]
        let fitting = Self.sizes.last {
            $0 <= largest && reach($0) >= Self.charactersPerWeight * Self.weights(cell, units: Double($0), layers: L)
        }
        hiddenSize = options.hiddenSize ?? (isShort && options.time == nil ? 256 : fitting ?? Self.sizes[0])
        self.characters = reach(hiddenSize)
        epochs = 0.01...1000
        let H = Double(hiddenSize), passes = options.epochs ?? self.characters / max(n, 1)
        let size = power(Self.weights(cell, units: H, layers: L) / 327_680, 0.15)
        layerNorm = true
        dropout = isShort ? 0.4 : (min(0.5, max(0, 0.1 * (passes - 2) * size)) * 100).rounded() / 100
        let recurrent = isShort ? 0.1 : min(0.3, max(0, 0.0125 * (passes - 2) * (H / 256).squareRoot()))
        recurrentDropout = (recurrent * 100).rounded() / 100
        optimizer = .adamw
        weightDecay = 0.1
        // Narrow batches give more steps, which is worth more than the speed of wide ones.
        batchSize = 16
        learningRate = (0.01 * power(256 / H, 1.0 / 3) * 10_000).rounded() / 10_000
        warmup = 0.03
        finalRate = 0
        self.operations = passes * n * Self.operations(cell, units: H, layers: L, vocabulary: V)
        explain(options, characters: Int(n), isShort: isShort, passes: passes)
    }

    private mutating func explain(_ options: TrainingOptions, characters n: Int, isShort: Bool, passes: Double) {
        if options.cell == nil {
            reasons.append(
                "A multiplicative LSTM with layer normalization learns the most from a character of text.")
        }
        if options.hiddenSize == nil {
            reasons.append(
                isShort
                    ? "\(n.grouped) characters are too few to generalize from, so the network is small."
                    : "\(hiddenSize) units are as many as "
                        + (options.time == nil ? "two minutes of a fast processor" : "this processor in the given time")
                        + " can train on so much text.")
        }
        if options.dropout == nil {
            let rates = "dropout of \(dropout) of the outputs and of \(recurrentDropout) of the states"
            let times = Int(passes.rounded())
            reasons.append(
                dropout == 0
                    ? "The text is read too few times for overfitting, so there is no dropout."
                    : isShort
                        ? "The text is read \(times) times, until the network can write its lines; \(rates) lets it vary them."
                        : "The text is read \(times) times, so \(rates) keeps the network from learning it by heart.")
        }
    }
}

extension RNNConfiguration.Cell {
    /// The number of products of H × H weights and the hidden state in a step.
    fileprivate var recurrentProducts: Int {
        switch self {
        case .rnn: 1
        case .gru: 3
        case .lstm: 4
        case .mlstm: 5
        }
    }
}
