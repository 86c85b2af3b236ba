/// Batches of examples in random order.
///
/// The text is cut into (length − 1) / T examples of T steps, one after the other; each epoch shuffles them and uses
/// each once. The last batch of an epoch holds what is left and may be narrower. Examples of one batch have nothing to
/// do with those of the batch before, so the recurrent state starts at zero in each.
package struct RandomBatches: Sendable {
    /// Sequences side by side, N.
    package let batchSize: Int
    /// Time steps, T.
    package let steps: Int
    /// Examples in an epoch.
    package let exampleCount: Int
    private let tokens: [Int32]

    /// - Throws: ``TextError/tooShort(characters:required:batchSize:steps:)`` where not even one example of `steps`
    ///   fits, ``TextError/batchOutOfRange(batchSize:steps:)``.
    package init(tokens: [Int32], batchSize: Int, steps: Int) throws {
        try BatchSize.check(batchSize: batchSize, steps: steps, length: tokens.count)
        self.tokens = tokens
        self.batchSize = batchSize
        self.steps = steps
        exampleCount = (tokens.count - 1) / steps
    }

    /// Batches in an epoch.
    package var batchCount: Int { (exampleCount + batchSize - 1) / batchSize }

    /// The first tokens of all examples, in an order drawn from `generator`: the order of an epoch.
    package func shuffledStarts(using generator: inout some RandomNumberGenerator) -> [Int] {
        var starts = (0..<exampleCount).map { $0 * steps }
        starts.shuffleReproducibly(using: &generator)
        return starts
    }

    /// Batch `index` of an epoch whose order is `starts`.
    package func batch(_ index: Int, of starts: [Int]) -> TokenBatch {
        let first = index * batchSize
        return TokenBatch(tokens: tokens, starts: starts[first..<min(first + batchSize, starts.count)], steps: steps)
    }

    /// The batches of one epoch, in an order drawn from `generator`.
    package func epoch(using generator: inout some RandomNumberGenerator) -> [TokenBatch] {
        let starts = shuffledStarts(using: &generator)
        return (0..<batchCount).map { batch($0, of: starts) }
    }
}
