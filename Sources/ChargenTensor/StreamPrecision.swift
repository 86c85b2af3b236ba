/// The number format of a model's weights in sampling. Fewer bytes are read faster. Sums and cell states are float32 in any
/// case.
public enum StreamPrecision: String, Sendable, Codable, CaseIterable {
    /// int8 where the processor has instructions for products of bytes, else float32.
    case automatic = "auto"
    /// The weights without rounding.
    case float32
    /// Weights and inputs of products rounded to 8 bits of precision.
    case bfloat16
    /// Weights of 8 bits with a scale for each unit; inputs of 8 bits.
    case int8
}
