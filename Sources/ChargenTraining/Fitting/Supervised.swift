import ChargenNN
import ChargenTensor

/// The objective of supervised learning: to predict the targets of examples.
struct Supervised: TrainingObjective {
    private let examples: Examples
    private let validation: Examples?
    private let loss: Loss
    private let options: FitOptions
    let batchCount: Int
    private var batches: [[Int]] = []
    /// Every batch starts from the zero state; stateful layers carry their own.
    let carriedBatchSize: Int? = nil
    var carriedStates: [BatchState] = []

    /// Examples in a batch that is only read.
    static let readingBatchSize = 256

    init(_ examples: Examples, validation: Examples?, loss: Loss, options: FitOptions) {
        self.examples = examples
        self.validation = validation
        self.loss = loss
        self.options = options
        var random = RandomSource(seed: 0)
        batchCount = Self.batches(of: examples, options, &random).count
    }

    var lossLimit: Double { .infinity }

    mutating func startEpoch(using random: inout RandomSource) {
        batches = Self.batches(of: examples, options, &random)
    }

    /// The batches of an epoch; their number does not depend on the random source.
    private static func batches(
        of examples: Examples, _ options: FitOptions, _ random: inout RandomSource
    ) -> [[Int]] {
        options.shuffle
            ? examples.shuffledBatches(of: options.batchSize, using: &random)
            : examples.batches(of: options.batchSize, byLength: false)
    }

    mutating func learn(
        _ index: Int, _ network: Sequential, random: RandomSource, precision: OperandPrecision
    ) throws -> BatchLoss {
        let batch = try examples.batch(batches[index], for: network)
        let output = try network.forward(
            batch.signal, gradients: true, skipsActivation: loss.activation != nil, random: random, precision: precision)
        let (result, gradient) = try network.loss(
            loss, of: output, batch.targets, weights: batch.weights, countsRight: loss.hasClasses, gradient: true)
        network.backward(gradient)
        return result
    }

    var guessingLoss: Double { .infinity }
    var trainingCount: Int { examples.count }
    var validationCount: Int { validation?.count ?? 0 }
    var testCount: Int { 0 }
    var samplesValidation: Bool { false }

    func validate(_ network: Sequential, precision: OperandPrecision, _ extent: ReadingExtent) throws -> LossTotals? {
        try validation.map {
            try Self.evaluate(
                $0, loss, network, batchSize: Self.readingBatchSize, extent == .exact ? .float32 : precision)
        }
    }

    func test(_ network: Sequential, precision: OperandPrecision, _ extent: ReadingExtent) -> LossTotals? { nil }

    /// The totals of examples that are only read.
    static func evaluate(
        _ examples: Examples, _ loss: Loss, _ network: Sequential, batchSize: Int, _ precision: OperandPrecision?
    ) throws -> LossTotals {
        var totals = LossTotals()
        for rows in examples.batches(of: batchSize, byLength: true) {
            let batch = try examples.batch(rows, for: network)
            let output = try network.forward(
                batch.signal, gradients: false, skipsActivation: loss.activation != nil, precision: precision)
            totals += try network.loss(
                loss, of: output, batch.targets, weights: batch.weights, countsRight: loss.hasClasses, gradient: false
            ).loss.totals
        }
        return totals
    }
}
