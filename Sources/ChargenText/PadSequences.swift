/// Pads or truncates sequences to equal length, like `pad_sequences` of Keras.
///
///     padSequences([[1, 2, 3], [4]], maxLength: 2).tokens  // [2, 3, 0, 4]
/// - Parameters:
///   - sequences: The sequences of tokens, N.
///   - maxLength: The length, T; by default that of the longest sequence. Traps if it is negative.
///   - padding: The side where `value` is added to shorter sequences.
///   - truncating: The side where tokens are removed from longer sequences.
///   - value: The token used for padding.
/// - Returns: The tokens, `[N, T]`.
public func padSequences(
    _ sequences: [[Int32]], maxLength: Int? = nil, padding: PaddingSide = .pre, truncating: PaddingSide = .pre,
    value: Int32 = 0
) -> PaddedSequences {
    let steps = maxLength ?? sequences.map(\.count).max() ?? 0
    precondition(steps >= 0, "sequences of \(steps) steps")
    var tokens: [Int32] = []
    tokens.reserveCapacity(sequences.count * steps)
    for sequence in sequences {
        let kept = truncating == .pre ? sequence.suffix(steps) : sequence.prefix(steps)
        let filling = repeatElement(value, count: steps - kept.count)
        if padding == .pre { tokens += filling }
        tokens += kept
        if padding == .post { tokens += filling }
    }
    return PaddedSequences(tokens: tokens, count: sequences.count, steps: steps)
}
