/// A type that changes the logits before a token is drawn. Filters are applied one after the other.
public protocol LogitsFilter: Sendable {
    /// Changes `logits` `[V]`. Set the logit of a token that must not be drawn to −∞; at least one must stay finite.
    func apply(to logits: inout [Float])
}
