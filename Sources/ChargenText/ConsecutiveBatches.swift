/// Batches that continue each other.
///
/// The text is cut into N equal streams; sequence `n` of a batch goes on where sequence `n` of the batch before it
/// ended, so the recurrent state is carried from batch to batch. The last batch of an epoch has what is left of the
/// streams and may have fewer steps; only the fewer than N characters that do not divide are left out.
public struct ConsecutiveBatches: Sendable {
    /// Sequences side by side, N.
    public let batchSize: Int
    /// Time steps, T.
    public let steps: Int
    /// Tokens that each stream predicts in an epoch.
    public let streamLength: Int
    private let tokens: [Int32]

    /// - Throws: ``TextError/tooShort(characters:required:batchSize:steps:)`` where not even one batch fits,
    ///   ``TextError/batchOutOfRange(batchSize:steps:)``.
    public init(tokens: [Int32], batchSize: Int, steps: Int) throws {
        try BatchSize.check(batchSize: batchSize, steps: steps, length: tokens.count)
        self.tokens = tokens
        self.batchSize = batchSize
        self.steps = steps
        streamLength = (tokens.count - 1) / batchSize
    }

    /// Batches in an epoch.
    public var batchCount: Int { (streamLength + steps - 1) / steps }

    /// The batches of one epoch, in the order of the text.
    public func epoch() -> [TokenBatch] { (0..<batchCount).map(batch) }

    /// Batch `index` of an epoch.
    public func batch(_ index: Int) -> TokenBatch {
        let first = index * steps
        return TokenBatch(
            tokens: tokens, starts: (0..<batchSize).map { $0 * streamLength + first },
            steps: min(steps, streamLength - first))
    }
}
