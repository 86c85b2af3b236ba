/// A filter that keeps the `k` most probable tokens (Fan, Lewis and Dauphin, "Hierarchical Neural Story Generation", 2018).
/// Among equally probable tokens, it keeps those with the lower ids.
public struct TopKFilter: LogitsFilter, Equatable {
    /// The number of tokens that are kept.
    public let k: Int

    /// Creates a filter that keeps `k` tokens, at least one.
    /// - Throws: ``SamplingError/outOfRange(option:value:allowed:)``.
    public init(_ k: Int) throws {
        guard k >= 1 else { throw SamplingError.outOfRange(option: "top-k", value: "\(k)", allowed: "1 or more") }
        self.k = k
    }

    /// Sets the logits `[V]` of all other tokens to −∞.
    public func apply(to logits: inout [Float]) {
        guard k < logits.count else { return }
        for index in tokensByProbability(logits)[k...] { logits[index] = -.infinity }
    }
}

/// Returns the token ids in order of falling probability, equally probable ones in ascending order.
func tokensByProbability(_ logits: [Float]) -> [Int] {
    logits.indices.sorted { logits[$0] == logits[$1] ? $0 < $1 : logits[$0] > logits[$1] }
}
