/// The number format of the operands of matrix products. Sums, weights, cell states and losses are float32 in any case.
public enum Precision: String, Sendable, Codable, CaseIterable {
    /// The faster format on this processor: bfloat16 where its products take less time than those of float32.
    case automatic = "auto"
    /// 32 bits, of which 24 are precision.
    case float32
    /// 16 bits, of which 8 are precision, with the range of float32. It needs half the memory, and processors with
    /// instructions for it multiply it twice as fast.
    case bfloat16
}

/// The number format of the operands of products, after ``Precision/automatic`` is resolved.
package enum OperandPrecision: String, Sendable {
    case float32
    case bfloat16

    /// The distance in numbers between the rows of a matrix with `columns` columns: an odd number of cache lines, because
    /// rows that are a power of two apart would share cache sets.
    package func stride(columns: Int) -> Int {
        let line = self == .float32 ? 16 : 32
        let lines = (columns + line - 1) / line
        return (lines | 1) * line
    }

    /// Number of numbers in 32 bits.
    package var numbersPerWord: Int { self == .float32 ? 1 : 2 }
}
