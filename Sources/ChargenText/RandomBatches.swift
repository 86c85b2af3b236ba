/// A source of batches whose examples come in random order.
///
/// The text is divided into (length − 1) / T examples of T consecutive tokens. Each epoch shuffles them and uses each once. The
/// last batch of an epoch may have fewer than N examples. The examples of a batch do not continue those of the batch before,
/// so the recurrent state must start at zero in each batch. See ``ConsecutiveBatches`` for batches that carry the state.
///
///     let batches = try RandomBatches(tokens: tokens, batchSize: 32, steps: 35)
///     for batch in batches.epoch(using: &random) { train(batch) }
public struct RandomBatches: Sendable {
    /// The number of sequences in a batch, N.
    public let batchSize: Int
    /// The number of time steps in a batch, T.
    public let steps: Int
    /// The number of examples in an epoch.
    public let exampleCount: Int
    private let tokens: [Int32]

    /// Creates batches of `tokens`.
    /// - Throws: ``TextError/tooShort(characters:required:batchSize:steps:)`` if there are too few tokens for one batch,
    ///   ``TextError/batchOutOfRange(batchSize:steps:)``.
    public init(tokens: [Int32], batchSize: Int, steps: Int) throws {
        try BatchSize.check(batchSize: batchSize, steps: steps, length: tokens.count)
        self.tokens = tokens
        self.batchSize = batchSize
        self.steps = steps
        exampleCount = (tokens.count - 1) / steps
    }

    /// The number of batches in an epoch.
    public var batchCount: Int { (exampleCount + batchSize - 1) / batchSize }

    /// Returns the batches of one epoch, in an order drawn from `generator`.
    public func epoch(using generator: inout some RandomNumberGenerator) -> [TokenBatch] {
        var starts = (0..<exampleCount).map { $0 * steps }
        starts.shuffleReproducibly(using: &generator)
        return stride(from: 0, to: starts.count, by: batchSize).map {
            TokenBatch(tokens: tokens, starts: starts[$0..<min($0 + batchSize, starts.count)], steps: steps)
        }
    }
}
