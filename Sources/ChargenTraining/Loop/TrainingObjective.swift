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
    /// Measures the validation data; nil where there is none.
    /// - Parameter isExact: whether the figure must be exact, at the end of a run, or may be an estimate in `precision`.
    func validate(_ network: Sequential, precision: OperandPrecision, isExact: Bool) throws -> LossTotals?
}
