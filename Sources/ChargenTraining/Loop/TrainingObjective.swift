import ChargenNN
import ChargenTensor

/// What is learned: the batches of an epoch, the loss of a batch, and the validation data.
package protocol TrainingObjective {
    /// Batches in an epoch.
    var batchCount: Int { get }
    /// A mean loss from this on means that training has diverged.
    var lossLimit: Double { get }
    /// Sequences whose states one batch hands to the next; nil where every batch begins with zero.
    var carriedBatchSize: Int? { get }
    /// Recurrent states that one batch hands to the next.
    var carriedStates: [BatchState] { get set }

    /// Puts the batches of an epoch in order, which must depend on `random` only, and forgets the carried states.
    mutating func startEpoch(using random: inout RandomSource)
    /// Runs batch `index` of the epoch forward and backward; the network then holds the gradients of the mean loss.
    mutating func learn(
        _ index: Int, _ network: Sequential, random: RandomSource, precision: OperandPrecision
    ) throws -> BatchLoss
    /// A loss above this, of a model that was better before, means that the loss explodes: that of guessing.
    var guessingLoss: Double { get }
    /// Predictions of an epoch.
    var trainingCount: Int { get }
    /// Predictions of the validation data and of the test data.
    var validationCount: Int { get }
    var testCount: Int { get }
    /// Whether a part of the validation data can be read.
    var samplesValidation: Bool { get }
    /// Measures the validation data; nil where there is none.
    func validate(_ network: Sequential, precision: OperandPrecision, _ extent: ReadingExtent) throws -> LossTotals?
    /// Measures the test data, whose only use this is; nil where there is none.
    func test(_ network: Sequential, precision: OperandPrecision, _ extent: ReadingExtent) throws -> LossTotals?
}

/// How much of a text is read to measure a loss, and how exactly.
package enum ReadingExtent: Sendable, Equatable {
    /// All of it, exactly: as one stream, in float32.
    case exact
    /// All of it, as streams side by side, in a given precision.
    case estimate
    /// About as many predictions as this, from places all over the text; else as an estimate.
    case sample(Int)
    /// As many predictions as this from the start, exactly.
    case start(Int)
}
