/// Brings sequences to one length, as Keras's `pad_sequences` does.
///
/// Shorter ones are filled up with `value` at the side `padding`; longer ones lose what is too much at the side
/// `truncating`.
/// - Parameter maxLength: The length, T; that of the longest sequence where nil. Traps where it is negative.
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
