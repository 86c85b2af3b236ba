/// Keeps the smallest set of likeliest tokens whose probabilities reach `p` together (nucleus sampling: Holtzman et al.,
/// "The Curious Case of Neural Text Degeneration", 2020).
public struct TopPFilter: LogitsFilter, Equatable {
    /// The probability that stays.
    public let p: Double

    /// - Throws: ``SamplingError/outOfRange(option:value:allowed:)``.
    public init(_ p: Double) throws {
        guard p > 0, p <= 1 else {
            throw SamplingError.outOfRange(option: "top-p", value: "\(p)", allowed: "above 0, up to 1")
        }
        self.p = p
    }

    /// Changes `logits` `[V]`; see the type.
    public func apply(to logits: inout [Float]) {
        guard p < 1 else { return }
        let weights = softmaxWeights(logits)
        let order = tokensByLikelihood(logits)
        let enough = p * weights.reduce(0, +)
        var sum = 0.0
        // The token that reaches p stays.
        let kept = order.firstIndex { token in
            sum += weights[token]
            return sum >= enough
        }
        for token in order[((kept ?? order.count - 1) + 1)...] { logits[token] = -.infinity }
    }
}
