import ChargenTensor

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
    public func apply(to logits: inout [Float], _ context: inout FilterContext) {
        guard p < 1, let largest = logits.max(), largest.isFinite else { return }
        // Probabilities before they are divided by their sum.
        func weight(_ token: Int) -> Double { exponential(Double(logits[token] - largest)) }
        let enough = p * logits.indices.reduce(0) { $0 + weight($1) }
        var sum = 0.0, kept: [Int] = []
        // The token with which the sum reaches p is kept.
        for token in MostProbable(logits) {
            kept.append(token)
            sum += weight(token)
            if sum >= enough { break }
        }
        keepOnly(kept, of: &logits)
    }
}
