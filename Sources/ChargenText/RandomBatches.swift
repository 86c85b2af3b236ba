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

    /// The order of one epoch.
    package struct Order: Sendable, Equatable {
        /// The first tokens of all examples.
        package let starts: [Int]
        /// The tokens that the examples read, as a circle: one that reaches the end goes on at the start.
        let text: Range<Int>
    }

    /// Returns an order drawn from `generator`.
    /// - Parameter offset: whether the text is cut into examples at other places than the multiples of T.
    package func order(offset: Bool = false, using generator: inout some RandomNumberGenerator) -> Order {
        let used = exampleCount * steps
        var starts = (0..<exampleCount).map { $0 * steps }
        starts.shuffleReproducibly(using: &generator)
        guard offset else { return Order(starts: starts, text: 0..<used) }
        let first = Int(generator.next() % UInt64(tokens.count - used)), place = Int(generator.next() % UInt64(steps))
        return Order(starts: starts.map { first + ($0 + place) % used }, text: first..<first + used)
    }

    /// Batch `index` of an epoch whose order is `order`.
    package func batch(_ index: Int, of order: Order) -> TokenBatch {
        let first = index * batchSize
        return TokenBatch(
            tokens: tokens, starts: order.starts[first..<min(first + batchSize, exampleCount)], steps: steps,
            period: order.text)
    }

    /// The batches of one epoch, in an order drawn from `generator`.
    package func epoch(using generator: inout some RandomNumberGenerator) -> [TokenBatch] {
        let order = order(using: &generator)
        return (0..<batchCount).map { batch($0, of: order) }
    }
}
