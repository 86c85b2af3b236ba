/// Divides the logits by a temperature: below one the likely become likelier, above one the unlikely do.
public struct TemperatureFilter: LogitsFilter, Equatable {
    /// The divisor.
    public let temperature: Double
    /// The temperatures that make sense.
    public static let range = 0.01...100.0

    /// - Throws: ``SamplingError/outOfRange(option:value:allowed:)``.
    public init(_ temperature: Double) throws {
        guard Self.range ~= temperature else {
            throw SamplingError.outOfRange(
                option: "temperature", value: "\(temperature)",
                allowed: "\(Self.range.lowerBound) to \(Int(Self.range.upperBound))")
        }
        self.temperature = temperature
    }

    /// Changes `logits` `[V]`; see the type.
    public func apply(to logits: inout [Float]) {
        let factor = Float(1 / temperature)
        for index in logits.indices { logits[index] *= factor }
    }
}
