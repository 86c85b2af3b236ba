/// A source of batches each of which continues the batch before it.
///
/// The text is divided into N streams of equal length. Sequence `n` of a batch starts where sequence `n` of the batch before
/// it ended, so the recurrent state can be carried from batch to batch. The last batch of an epoch may have fewer than T
/// steps. At the end of the text, fewer than N tokens are not used. See ``RandomBatches`` for shuffled examples.
///
///     let batches = try ConsecutiveBatches(tokens: tokens, batchSize: 32, steps: 35)
///     for batch in batches.epoch() { train(batch) }
package struct ConsecutiveBatches: Sendable {
    /// The number of sequences in a batch, N.
    package let batchSize: Int
    /// The number of time steps in a batch, T.
    package let steps: Int
    /// The number of tokens that each stream predicts in an epoch.
    package let streamLength: Int
    private let tokens: [Int32]

    /// Creates batches of `tokens`.
    /// - Throws: ``TextError/tooShort(characters:required:batchSize:steps:)`` if there are too few tokens for one batch,
    ///   ``TextError/batchOutOfRange(batchSize:steps:)``.
    package init(tokens: [Int32], batchSize: Int, steps: Int) throws {
        try BatchSize.check(batchSize: batchSize, steps: steps, length: tokens.count)
        self.tokens = tokens
        self.batchSize = batchSize
        self.steps = steps
        streamLength = (tokens.count - 1) / batchSize
    }

    /// The number of batches in an epoch.
    package var batchCount: Int { (streamLength + steps - 1) / steps }

    /// Returns the batches of one epoch, in the order of the text.
    package func epoch() -> [TokenBatch] { (0..<batchCount).map(batch) }

    /// Returns batch number `index` of an epoch, counted from zero.
    package func batch(_ index: Int) -> TokenBatch {
        let first = index * steps
        return TokenBatch(
            tokens: tokens, starts: (0..<batchSize).map { $0 * streamLength + first },
            steps: min(steps, streamLength - first))
    }
}
