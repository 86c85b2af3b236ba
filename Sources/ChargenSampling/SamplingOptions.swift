/// Options for choosing tokens from a model's predictions.
public struct SamplingOptions: Sendable, Equatable, Codable {
    /// Whether the most probable token is always chosen; the other options are then ignored.
    public var greedy: Bool
    /// The number that the logits are divided by, 0.01 to 100: a lower one gives more predictable text.
    public var temperature: Double
    /// The number of most probable tokens to draw from; nil for all.
    public var topK: Int?
    /// The probability that the most probable tokens, from which one is drawn, have together; nil for all tokens.
    public var topP: Double?

    /// Creates options; by default tokens are drawn from all tokens at temperature 0.8.
    public init(greedy: Bool = false, temperature: Double = 0.8, topK: Int? = nil, topP: Double? = nil) {
        self.greedy = greedy
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
    }

    /// Returns the filters for the options, in the order in which they are applied.
    /// - Throws: ``SamplingError`` if an option is out of range.
    public func filters() throws -> [any LogitsFilter] {
        var filters: [any LogitsFilter] = [try TemperatureFilter(temperature)]
        if let topK { filters.append(try TopKFilter(topK)) }
        if let topP { filters.append(try TopPFilter(topP)) }
        return filters
    }
}
