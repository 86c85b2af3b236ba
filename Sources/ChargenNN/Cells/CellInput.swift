import ChargenTensor

/// What a recurrent cell reads at each of the steps `[T, N]`.
package enum CellInput {
    /// One-hot inputs: row `tokens[t·N + n]` of the kernel is the whole product.
    case oneHot(tokens: [Int32])
    /// Row `indices[t·N + n]` of `rows [U, D]`: many steps share a row, so each row is multiplied once.
    case gathered(rows: Operand, indices: [Int32])
    /// Row `t·N + n` of `[T·N, D]`.
    case sequence(Operand)

    /// The kinds, for which a tape has memory.
    package enum Kind {
        case oneHot
        /// At most `maximumRows` rows.
        case gathered(maximumRows: Int)
        case sequence
    }
}
