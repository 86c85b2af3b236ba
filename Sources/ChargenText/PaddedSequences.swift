/// N token sequences of equal length T; made by ``padSequences(_:maxLength:padding:truncating:value:)``.
public struct PaddedSequences: Sendable, Equatable {
    /// The tokens, `[N, T]`: that of sequence `n` at step `t` is at index `n · T + t`.
    public let tokens: [Int32]
    /// The number of sequences, N.
    public let count: Int
    /// The number of time steps, T.
    public let steps: Int

    /// The tokens of sequence number `row`. Traps if there is no such sequence.
    public subscript(row: Int) -> ArraySlice<Int32> {
        precondition(0..<count ~= row, "row \(row) of \(count)")
        return tokens[row * steps..<(row + 1) * steps]
    }
}
