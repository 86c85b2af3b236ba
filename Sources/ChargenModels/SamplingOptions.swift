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

    /// Decodes options; one that is missing has its default.
    public init(from decoder: any Decoder) throws {
        self.init()
        let values = try decoder.container(keyedBy: CodingKeys.self)
        greedy = try values.decodeIfPresent(Bool.self, forKey: .greedy) ?? greedy
        temperature = try values.decodeIfPresent(Double.self, forKey: .temperature) ?? temperature
        topK = try values.decodeIfPresent(Int.self, forKey: .topK)
        topP = try values.decodeIfPresent(Double.self, forKey: .topP)
    }
}
