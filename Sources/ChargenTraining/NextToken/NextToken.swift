import ChargenNN
import ChargenTensor
import ChargenText

/// The objective of language models: to predict each token of a text from those before it.
struct NextToken: TrainingObjective {
    private var batches: Batches
    /// The tokens that are learned, which the batches share, and those that are held out.
    let trainingTokens: [Int32], validationTokens: [Int32]
    /// Whether each epoch begins at another place of the text, and how much the lengths of its batches differ.
    private let offset: Bool, jitter: Double
    var carriedStates: [BatchState] = []

    private enum Batches {
        /// Each batch continues the one before it, and the states are carried.
        case consecutive(ConsecutiveBatches, ConsecutiveBatches.Cut?)
        /// Examples in random order, each from the zero state.
        case random(RandomBatches, RandomBatches.Order?)
    }

    /// - Throws: `TextError` where the text is too short.
    init(
        _ options: TrainingOptions, tokens: [Int32], validationTokens: [Int32], plan: TrainingPlan
    ) throws {
        let (N, T) = (plan.batchSize, plan.steps)
        batches =
            switch options.batching {
            case .consecutive: .consecutive(try ConsecutiveBatches(tokens: tokens, batchSize: N, steps: T), nil)
            case .random: .random(try RandomBatches(tokens: tokens, batchSize: N, steps: T), nil)
            }
        (offset, jitter) = (options.offset, options.jitter)
        trainingTokens = tokens
        self.validationTokens = validationTokens
    }

    var batchCount: Int {
        switch batches {
        case .consecutive(let batches, _): batches.batchCount
        case .random(let batches, _): batches.batchCount
        }
    }

    var carriedBatchSize: Int? {
        if case .consecutive(let batches, _) = batches { batches.batchSize } else { nil }
    }

    /// Nats per token: e^700 is nearly the largest number there is, so a perplexity beyond it cannot be written down.
    var lossLimit: Double { 700 }

    mutating func startEpoch(using random: inout RandomSource) {
        carriedStates = []
        switch batches {
        case .consecutive(let all, _):
            batches = .consecutive(
                all, offset || jitter > 0 ? all.cut(offset: offset, jitter: jitter, using: &random) : nil)
        case .random(let all, _): batches = .random(all, all.order(offset: offset, using: &random))
        }
    }

    mutating func learn(
        _ index: Int, _ network: Sequential, random: RandomSource, precision: OperandPrecision
    ) throws -> BatchLoss {
        let batch: TokenBatch, states: [BatchState]
        switch batches {
        case .consecutive(let batches, let cut): (batch, states) = (batches.batch(index, of: cut), carriedStates)
        case .random(let batches, let order):
            guard let order else { preconditionFailure("no epoch was started") }
            (batch, states) = (batches.batch(index, of: order), [])
        }
        var signal = Signal(rows: .tokens(batch.inputs), steps: batch.steps, batchSize: batch.batchSize)
        signal.initialStates = states
        let output = try network.forward(
            signal, gradients: true, skipsActivation: true, random: random, precision: precision)
        if case .consecutive = batches { carriedStates = output.finalStates }
        let targets = network.backend.makeIndices(batch.targets, limit: network.built.last?.output.width ?? 0)
        let (loss, gradient) = try network.loss(
            .sparseCategoricalCrossentropy, of: output, .classes(targets), countsRight: false, gradient: true)
        network.backward(gradient)
        return loss
    }

    func validate(_ network: Sequential, precision: OperandPrecision, isExact: Bool) throws -> LossTotals? {
        guard !validationTokens.isEmpty else { return nil }
        return try TextEvaluator.loss(
            of: validationTokens, under: network, streams: isExact ? 1 : TextEvaluator.streams(for: validationTokens.count),
            precision: isExact ? .float32 : precision)
    }
}
