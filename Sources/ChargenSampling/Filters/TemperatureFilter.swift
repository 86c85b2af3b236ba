/// A filter that divides the logits by a temperature. A temperature below one makes probable tokens more probable; a
/// temperature above one makes the probabilities more equal.
public struct TemperatureFilter: LogitsFilter, Equatable {
    /// The number that the logits are divided by.
    public let temperature: Double
    /// The range of temperatures that are accepted.
    public static let range = 0.01...100.0

    /// Creates a filter of `temperature`.
    /// - Throws: ``SamplingError/outOfRange(option:value:allowed:)``.
    public init(_ temperature: Double) throws {
        guard Self.range ~= temperature else {
            throw SamplingError.outOfRange(
                option: "temperature", value: "\(temperature)",
                allowed: "\(Self.range.lowerBound) to \(Int(Self.range.upperBound))")
        }
        self.temperature = temperature
    }

    /// Divides the logits `[V]` by ``temperature``.
    public func apply(to logits: inout [Float], _ context: inout FilterContext) {
        let factor = Float(1 / temperature)
        for index in logits.indices { logits[index] *= factor }
    }
}
