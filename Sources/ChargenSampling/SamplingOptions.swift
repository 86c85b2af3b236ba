/// How tokens are chosen from a model's predictions.
public struct SamplingOptions: Sendable, Equatable, Codable {
    /// Always take the likeliest token; the other options then do not matter.
    public var greedy: Bool
    /// Below one: safer text; above one: wilder.
    public var temperature: Double
    /// Draw among so many likeliest tokens only.
    public var topK: Int?
    /// Draw among the likeliest tokens that have this probability together.
    public var topP: Double?

    /// By default tokens are drawn at temperature 0.8.
    public init(greedy: Bool = false, temperature: Double = 0.8, topK: Int? = nil, topP: Double? = nil) {
        self.greedy = greedy
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
    }

    /// The filters that the options ask for, in the order in which they are applied.
    /// - Throws: ``SamplingError`` where an option is out of range.
    public func filters() throws -> [any LogitsFilter] {
        var filters: [any LogitsFilter] = [try TemperatureFilter(temperature)]
        if let topK { filters.append(try TopKFilter(topK)) }
        if let topP { filters.append(try TopPFilter(topP)) }
        return filters
    }
}
