/// A source of batches each of which continues the batch before it.
///
/// The text is divided into N streams of equal length. Sequence `n` of a batch starts where sequence `n` of the batch before
/// it ended, so the recurrent state can be carried from batch to batch. The last batch of an epoch may have fewer than T
/// steps. At the end of the text, fewer than N tokens are not used. See ``RandomBatches`` for shuffled examples.
///
/// An epoch may begin its streams at other places of the text and cut them into batches of other lengths (``Cut``), so that a
/// model does not see the same batches in each epoch.
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
    package func epoch() -> [TokenBatch] { (0..<batchCount).map { batch($0) } }

    /// How one epoch cuts the text.
    package struct Cut: Sendable, Equatable {
        /// The tokens that the streams read, as a circle: a stream that reaches the end goes on at the start.
        let text: Range<Int>
        /// The place of the first stream's first token, from the start of ``text``.
        let offset: Int
        /// The step of a stream at which each batch ends.
        let ends: [Int]
    }

    /// Returns a cut whose places are drawn from `random`; without an offset and jitter, that of ``epoch()``.
    /// - Parameters:
    ///   - offset: whether the streams begin anywhere in the text. All of them together still read each token once, but for
    ///     the fewer than N that N equal streams leave over, which are then at either end.
    ///   - jitter: how far the number of steps of a batch may be from T, as a share of T below 1. The number of batches stays.
    package func cut(offset: Bool, jitter: Double, using random: inout some RandomNumberGenerator) -> Cut {
        let used = batchSize * streamLength
        // `Int.random(in:using:)` may change with the standard library, so that the same seed could give other batches.
        func draw(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
        let first = offset ? draw(tokens.count - used) : 0, place = offset ? draw(used) : 0
        let most = Int(jitter / 2 * Double(steps))
        let ends = (1...batchCount).map { index in
            guard index < batchCount else { return streamLength }
            return min(index * steps + (most > 0 ? draw(2 * most + 1) - most : 0), streamLength - 1)
        }
        return Cut(text: first..<first + used, offset: place, ends: ends)
    }

    /// Returns batch number `index` of an epoch, counted from zero.
    /// - Parameter cut: how the epoch cuts the text; nil for equal batches from the start of the text on.
    package func batch(_ index: Int, of cut: Cut? = nil) -> TokenBatch {
        guard let cut else {
            let first = index * steps
            return TokenBatch(
                tokens: tokens, starts: (0..<batchSize).map { $0 * streamLength + first },
                steps: min(steps, streamLength - first))
        }
        let first = index == 0 ? 0 : cut.ends[index - 1], text = cut.text
        let starts = (0..<batchSize).map { text.lowerBound + ($0 * streamLength + first + cut.offset) % text.count }
        return TokenBatch(tokens: tokens, starts: starts, steps: cut.ends[index] - first, period: text)
    }
}
