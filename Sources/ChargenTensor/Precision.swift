/// What products read. Sums, weights, cell states and losses are float32 either way.
public enum Precision: String, Sendable, Codable, CaseIterable {
    /// Whichever is faster on this processor: bfloat16 where its products take less time than float32's.
    case automatic = "auto"
    /// 24 bits of precision.
    case float32
    /// 8 bits of precision in the range of float32: half the bytes, and on processors made for it twice the speed.
    case bfloat16
}

/// The precision of the operands of products, settled.
package enum OperandPrecision: String, Sendable {
    case float32
    case bfloat16

    /// Rows of a matrix begin a whole number of cache lines apart, and an odd one more than they need: rows that are a
    /// power of two apart would fall on each other in the cache.
    func stride(columns: Int) -> Int {
        let line = self == .float32 ? 16 : 32
        let lines = (columns + line - 1) / line
        return (lines | 1) * line
    }

    /// Numbers in 32 bits.
    var numbersPerWord: Int { self == .float32 ? 1 : 2 }
}
