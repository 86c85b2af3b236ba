import ChargenTensor

/// A measure of how well a model predicts a text.
public struct Evaluation: Sendable, Equatable {
    /// Predicted characters: all but the first.
    public let characters: Int
    /// Mean negative log-likelihood of a predicted character, in nats.
    public let loss: Double

    /// `exp(loss)`: the number of equally likely characters among which the model hesitates, on average.
    public var perplexity: Double { exponential(loss) }
    /// The loss in bits: what an ideal compressor would need for each character.
    public var bitsPerCharacter: Double { loss / 0.693_147_180_559_945_3 }

    /// An evaluation of `loss` nats for each of `characters`.
    public init(characters: Int, loss: Double) {
        self.characters = characters
        self.loss = loss
    }
}

/// Measures the loss of a text under a model, as one stream or as several side by side.
package enum TextEvaluator {
    /// Steps that are read at once as one stream, and rows that are read at once as several.
    private static let steps = 256, rows = 2016
    /// The most streams, the characters that each reads before it counts, and the fewest that it should count.
    private static let maximumStreams = 56, warmUp = 256, shortWarmUp = 128, leastLength = 1024

    /// The number of streams for an estimate: enough to be fast, and few enough to spend little on warming up.
    package static func streams(for count: Int) -> Int { min(maximumStreams, max(1, count / leastLength)) }

    /// The largest number of rows that a text of `count` tokens is read in at once, exactly or as an estimate, and of streams.
    package static func passShape(for count: Int) -> (rows: Int, streams: Int) {
        let S = streams(for: count), single = min(steps, count - 1)
        return (S == 1 ? single : max(single, S * max(1, rows / S)), S)
    }

    /// The loss of `tokens` (two or more) under `network`.
    ///
    /// As one stream, the text is read from the zero state with the state carried from the first token to the last: the
    /// exact figure. As several, each stream reads its part of the text after a warm-up on the 256 tokens before it: an
    /// estimate at a fraction of the cost.
    /// - Parameters:
    ///   - limit: about how many tokens are read, the first ones of each stream's part, after a warm-up of 128 tokens; nil for
    ///     all.
    ///   - progress: receives how many tokens were read; returning false ends the reading.
    ///   - rowLosses: receives the losses of the tokens, in their order where there is one stream.
    /// - Returns: nil where `progress` ended it.
    /// - Throws: ``LayerError``; `CancellationError` where the current task is cancelled.
    package static func loss(
        of tokens: [Int32], under network: Sequential, streams S: Int = 1, limit: Int? = nil, precision: OperandPrecision = .float32,
        progress: (Int) -> Bool = { _ in true }, rowLosses: (([Float]) -> Void)? = nil
    ) throws -> LossTotals? {
        var states: [BatchState] = []
        let backend = network.backend
        /// Reads T tokens from each of `places` on; returns the sum of the losses of the tokens that follow.
        func read(_ places: [Int], _ T: Int) throws -> Double {
            let rows = (0..<T).flatMap { step in places.map { $0 + step } }
            var signal = Signal(rows: .tokens(rows.map { tokens[$0] }), steps: T, batchSize: places.count)
            signal.initialStates = states
            let output = try network.forward(signal, gradients: false, skipsActivation: true, precision: precision)
            states = output.finalStates
            let next = backend.makeIndices(rows.map { tokens[$0 + 1] }, limit: network.built.last?.output.width ?? 0)
            let loss = try network.loss(
                .sparseCategoricalCrossentropy, of: output, .classes(next), countsRight: false, gradient: false
            ).loss
            rowLosses?(loss.rowLosses.values)
            return loss.totals.sum
        }
        let count = tokens.count - 1, length = count / S, steps = S == 1 ? Self.steps : max(1, Self.rows / S)
        let starts = (0..<S).map { $0 * length }
        if S > 1 {
            let warmUp = min(limit == nil ? Self.warmUp : Self.shortWarmUp, length), before = starts.map { max(0, $0 - warmUp) }
            _ = try blocks(of: warmUp, steps) { first, T in try read(before.map { $0 + first }, T) }
            // The first stream begins at the start of the text.
            for state in states { for matrix in state.matrices { backend.fill(matrix[0..<1], with: 0) } }
        }
        let limited = min(length, max(1, (limit ?? count) / S))
        let sum = try blocks(of: limited, steps, progress: { progress($0 * S) }) { first, T in
            try read(starts.map { $0 + first }, T)
        }
        guard var sum else { return nil }
        if limited < length { return LossTotals(sum: sum, count: limited * S) }
        if length * S < count {
            // The last stream reads what the equal parts leave over.
            states = states.map { $0[S - 1..<S] }
            sum += try read([length * S], count - length * S)
        }
        return LossTotals(sum: sum, count: count)
    }

    /// The sum of `read` over `length` steps in blocks of `size`; nil where `progress` ended it.
    private static func blocks(
        of length: Int, _ size: Int, progress: (Int) -> Bool = { _ in true }, read: (Int, Int) throws -> Double
    ) throws -> Double? {
        var sum = 0.0
        for first in stride(from: 0, to: length, by: size) {
            let T = min(size, length - first)
            try Task.checkCancellation()
            sum += try read(first, T)
            if !progress(first + T) { return nil }
        }
        return sum
    }
}
