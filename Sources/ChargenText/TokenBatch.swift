/// Tokens of N sequences over T steps, time-major, and the tokens that follow each.
public struct TokenBatch: Sendable, Equatable {
    /// Time steps, T.
    public let steps: Int
    /// Sequences side by side, N.
    public let batchSize: Int
    /// `[T, N]`: that of step `t`, sequence `n` at index `t · N + n`.
    public let inputs: [Int32]
    /// `[T, N]`: the token that comes after each input.
    public let targets: [Int32]

    /// A batch that reads `steps` tokens from each of `starts` in `tokens`; the last target of each is one further.
    init(tokens: [Int32], starts: some Collection<Int>, steps: Int) {
        self.steps = steps
        batchSize = starts.count
        var inputs: [Int32] = []
        var targets: [Int32] = []
        inputs.reserveCapacity(steps * starts.count)
        targets.reserveCapacity(steps * starts.count)
        for t in 0..<steps {
            for start in starts {
                inputs.append(tokens[start + t])
                targets.append(tokens[start + t + 1])
            }
        }
        self.inputs = inputs
        self.targets = targets
    }

    /// Characters that the batch predicts, T · N.
    public var count: Int { inputs.count }
}
