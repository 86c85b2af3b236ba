import ChargenNN
import ChargenTensor
import ChargenText

/// The objective of language models: to predict each token of a text from those before it.
struct NextToken: TrainingObjective {
    private var batches: Batches
    /// The tokens that are learned, which the batches share, and those that are held out.
    let trainingTokens: [Int32], validationTokens: [Int32]
    private let testTokens: [Int32]
    private let vocabularySize: Int
    /// Whether each epoch begins at another place of the text, and how much the lengths of its batches differ.
    private let offset: Bool, jitter: Double
    var carriedStates: [BatchState] = []

    private enum Batches {
        /// Each batch continues the one before it, and the states are carried.
        case consecutive(ConsecutiveBatches, ConsecutiveBatches.Cut?)
        /// Examples in random order, each from the zero state.
        case random(RandomBatches, RandomBatches.Order?)
    }

    /// - Parameter tokens: the whole text: the training part, the validation part and the test part.
    /// - Throws: `TextError` where the text is too short.
    init(
        _ options: TrainingOptions, tokens: [Int32], vocabularySize: Int, plan: TrainingPlan
    ) throws {
        let end = plan.trainingCharacters + plan.validationCharacters
        validationTokens = Array(tokens[plan.trainingCharacters..<end])
        testTokens = Array(tokens[end...])
        self.vocabularySize = vocabularySize
        let tokens = Array(tokens[..<plan.trainingCharacters])
        let (N, T) = (plan.batchSize, plan.steps)
        batches =
            switch options.batching {
            case .consecutive: .consecutive(try ConsecutiveBatches(tokens: tokens, batchSize: N, steps: T), nil)
            case .random: .random(try RandomBatches(tokens: tokens, batchSize: N, steps: T), nil)
            }
        (offset, jitter) = (options.offset, options.jitter)
        trainingTokens = tokens
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

    var guessingLoss: Double { naturalLogarithm(Double(vocabularySize)) }
    var trainingCount: Int {
        switch batches {
        case .consecutive(let batches, _): batches.batchSize * batches.streamLength
        case .random(let batches, _): batches.exampleCount * batches.steps
        }
    }
    var validationCount: Int { max(0, validationTokens.count - 1) }
    var testCount: Int { max(0, testTokens.count - 1) }
    var samplesValidation: Bool { true }

    func validate(_ network: Sequential, precision: OperandPrecision, _ extent: ReadingExtent) throws -> LossTotals? {
        try Self.loss(of: validationTokens, network, precision, extent)
    }

    func test(_ network: Sequential, precision: OperandPrecision, _ extent: ReadingExtent) throws -> LossTotals? {
        try Self.loss(of: testTokens, network, precision, extent)
    }

    private static func loss(
        of tokens: [Int32], _ network: Sequential, _ precision: OperandPrecision, _ extent: ReadingExtent
    ) throws -> LossTotals? {
        guard !tokens.isEmpty else { return nil }
        switch extent {
        case .exact: return try TextEvaluator.loss(of: tokens, under: network)
        case .start(let count): return try TextEvaluator.loss(of: Array(tokens.prefix(count + 1)), under: network)
        case .estimate:
            return try TextEvaluator.loss(
                of: tokens, under: network, streams: TextEvaluator.streams(for: tokens.count), precision: precision)
        case .sample(let count):
            return try TextEvaluator.loss(
                of: tokens, under: network, streams: TextEvaluator.streams(for: min(count, tokens.count)),
                limit: count, precision: precision)
        }
    }
}
