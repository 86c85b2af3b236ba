/// Tokens of N sequences of one length, T; made by ``padSequences(_:maxLength:padding:truncating:value:)``.
public struct PaddedSequences: Sendable, Equatable {
    /// `[N, T]`, row by row: the token of sequence `n` at step `t` at index `n · T + t`.
    public let tokens: [Int32]
    /// Sequences, N.
    public let count: Int
    /// Time steps, T.
    public let steps: Int

    /// The tokens of sequence `row`. Traps where there is none.
    public subscript(row: Int) -> ArraySlice<Int32> {
        precondition(0..<count ~= row, "row \(row) of \(count)")
        return tokens[row * steps..<(row + 1) * steps]
    }
}
