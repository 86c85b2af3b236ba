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
    public func apply(to logits: inout [Float], _ context: inout FilterContext) {
        guard k < logits.count else { return }
        keepOnly(Array(MostProbable(logits).prefix(k)), of: &logits)
    }
}
