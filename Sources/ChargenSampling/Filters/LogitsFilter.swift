/// A rule that changes the logits before a token is drawn. Filters are applied one after the other.
///
///     /// Makes tokens less probable that occurred lately.
///     struct RepetitionPenalty: LogitsFilter {
///         func apply(to logits: inout [Float], _ context: inout FilterContext) {
///             for token in context.recentTokens { logits[Int(token)] -= 0.5 }
///         }
///     }
///     let text = try model.stream(after: "The ", filters: [RepetitionPenalty()], seed: 1)
///
/// A filter is shared by all streams of a sampler, on several threads. What it keeps for a stream belongs in
/// ``FilterContext/memory``.
public protocol LogitsFilter: Sendable {
    /// Changes `logits` `[V]`. Set the logit of a token that must not be drawn to −∞; at least one must stay finite.
    func apply(to logits: inout [Float], _ context: inout FilterContext)
}

/// What a filter knows about the stream whose logits it changes.
public struct FilterContext: Sendable {
    /// The number of tokens that were drawn in the stream so far; the prefix does not count.
    public internal(set) var position = 0
    /// What the filter keeps for this stream; nil at first. Each filter of a stream has its own. A copy of a sampler copies
    /// it, so it should be a value.
    public var memory: (any Sendable)?

    /// The last tokens as a ring: once it is full, the oldest one is at ``next``.
    private var ring: [Int32] = []
    private var next = 0

    /// The number of tokens that ``recentTokens`` contains at most.
    public static let recentTokenLimit = 256

    /// A context of a stream that has read `recentTokens` and drawn `position` tokens; for tests of filters, since samplers
    /// make their own.
    public init(recentTokens: [Int32] = [], position: Int = 0) {
        self.position = position
        for token in recentTokens { append(token) }
    }

    /// The last tokens that the stream has read and drawn, oldest first, at most ``recentTokenLimit``.
    public var recentTokens: [Int32] { Array(ring[next...] + ring[..<next]) }

    /// Adds a token that the stream has read.
    mutating func append(_ token: Int32) {
        if ring.count < Self.recentTokenLimit {
            ring.append(token)
        } else {
            ring[next] = token
            next = (next + 1) % Self.recentTokenLimit
        }
    }
}
