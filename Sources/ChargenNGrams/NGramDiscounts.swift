/// The discounts of modified Kneser-Ney for one order: what is subtracted from a count of one, two, and three or more.
///
/// With n_j the number of n-grams whose adjusted count is j, and Y = n₁ / (n₁ + 2 n₂) (Chen and Goodman 1999, equation 26):
///
///     D₁ = 1 − 2Y n₂/n₁    D₂ = 2 − 3Y n₃/n₂    D₃₊ = 3 − 4Y n₄/n₃
///
/// A small text may have an n_j of zero, or numbers that make a discount zero or negative, with which tokens that were never
/// seen after a context would be impossible. (D_j is at most j by its definition.) All discounts of that order are then ½, 1
/// and 1½, as in KenLM's `--discount_fallback`.
struct NGramDiscounts {
    /// The discounts of the counts 0 (which is none), 1, 2, and 3 or more, `[4]`.
    private let values: [Double]

    /// Estimates the discounts from `counts`: n₁ to n₄ at the indices 1 to 4, `[5]`.
    init(countsOfCounts counts: [Int]) {
        let n = counts.map(Double.init)
        let Y = n[1] / (n[1] + 2 * n[2])
        let estimated = (1...3).map { j in Double(j) - Double(j + 1) * Y * n[j + 1] / n[j] }
        let isUsable = counts[1...4].allSatisfy { $0 > 0 } && estimated.allSatisfy { $0 > 0 }
        values = [0] + (isUsable ? estimated : [0.5, 1, 1.5])
    }

    /// Returns the discount of a count.
    @inline(__always) func callAsFunction(_ count: UInt32) -> Double { values[Int(min(count, 3))] }
}
