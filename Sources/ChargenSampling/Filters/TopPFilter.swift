/// A filter that keeps the smallest set of most probable tokens whose probabilities sum to at least `p` (nucleus sampling:
/// Holtzman et al., "The Curious Case of Neural Text Degeneration", 2020).
public struct TopPFilter: LogitsFilter, Equatable {
    /// The probability that the kept tokens have together, above 0 and at most 1.
    public let p: Double

    /// Creates a filter that keeps tokens of probability `p` together.
    /// - Throws: ``SamplingError/outOfRange(option:value:allowed:)``.
    public init(_ p: Double) throws {
        guard p > 0, p <= 1 else {
            throw SamplingError.outOfRange(option: "top-p", value: "\(p)", allowed: "above 0, up to 1")
        }
        self.p = p
    }

    /// Sets the logits `[V]` of all other tokens to −∞.
    public func apply(to logits: inout [Float]) {
        guard p < 1 else { return }
        let weights = softmaxWeights(logits)
        let order = tokensByProbability(logits)
        let enough = p * weights.reduce(0, +)
        var sum = 0.0
        // The token with which the sum reaches p is kept.
        let kept = order.firstIndex { token in
            sum += weights[token]
            return sum >= enough
        }
        for token in order[((kept ?? order.count - 1) + 1)...] { logits[token] = -.infinity }
    }
}
