/// Keeps the `k` likeliest tokens (Fan, Lewis and Dauphin, "Hierarchical Neural Story Generation", 2018). Of tokens that
/// are equally likely at the border, those with the lower ids stay.
public struct TopKFilter: LogitsFilter, Equatable {
    /// How many stay.
    public let k: Int

    /// - Throws: ``SamplingError/outOfRange(option:value:allowed:)``.
    public init(_ k: Int) throws {
        guard k >= 1 else { throw SamplingError.outOfRange(option: "top-k", value: "\(k)", allowed: "1 or more") }
        self.k = k
    }

    /// Changes `logits` `[V]`; see the type.
    public func apply(to logits: inout [Float]) {
        guard k < logits.count else { return }
        for index in tokensByLikelihood(logits)[k...] { logits[index] = -.infinity }
    }
}

/// Token ids, likeliest first, equally likely ones in ascending order.
func tokensByLikelihood(_ logits: [Float]) -> [Int] {
    logits.indices.sorted { logits[$0] == logits[$1] ? $0 < $1 : logits[$0] > logits[$1] }
}
