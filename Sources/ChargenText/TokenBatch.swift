/// A batch of N token sequences of T time steps, in time-major order, with the next token of each as the target.
package struct TokenBatch: Sendable, Equatable {
    /// The number of time steps, T.
    package let steps: Int
    /// The number of sequences, N.
    package let batchSize: Int
    /// The tokens that the model reads, `[T, N]`: that of step `t` and sequence `n` is at index `t · N + n`.
    package let inputs: [Int32]
    /// The token that follows each input in the text, `[T, N]`.
    package let targets: [Int32]

    /// Creates a batch of the `steps` tokens from each index of `starts` in `tokens`. The last target is one token further.
    /// - Parameter period: where a sequence of inputs reaches the end of this range, it goes on at its start; nil where none
    ///   reaches it.
    init(tokens: [Int32], starts: some Collection<Int>, steps: Int, period: Range<Int>? = nil) {
        self.steps = steps
        batchSize = starts.count
        var inputs: [Int32] = []
        var targets: [Int32] = []
        inputs.reserveCapacity(steps * starts.count)
        targets.reserveCapacity(steps * starts.count)
        for t in 0..<steps {
            for start in starts {
                var index = start + t
                if let period, index >= period.upperBound { index -= period.count }
                inputs.append(tokens[index])
                targets.append(tokens[index + 1])
            }
        }
        self.inputs = inputs
        self.targets = targets
    }

    /// The number of predictions, T · N.
    package var count: Int { inputs.count }
}
