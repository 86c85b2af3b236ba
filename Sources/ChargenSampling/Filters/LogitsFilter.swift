/// A change to the logits before a token is drawn. Filters are applied one after the other.
public protocol LogitsFilter: Sendable {
    /// Changes `logits` `[V]`; a token that must not be drawn gets −∞. At least one must stay finite.
    func apply(to logits: inout [Float])
}
