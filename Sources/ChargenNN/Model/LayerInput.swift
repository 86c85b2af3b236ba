import ChargenTensor

/// What a ``Sequential`` reads.
public enum LayerInput: Sendable, Equatable {
    /// Token ids `[N, T]`, row-major, each row a sequence (`[T, N]` for a time-major model).
    case tokens([Int32], count: Int)
    /// Numbers `[N, T, D]`, or `[N, D]` for a model without time (`[T, N, D]` for a time-major one).
    case values(Tensor)

    /// Sequences that all have the same length. Traps where they do not.
    public static func tokens(_ sequences: [[Int32]]) -> LayerInput {
        precondition(Set(sequences.map(\.count)).count <= 1, "sequences of different lengths; see padSequences")
        return .tokens(sequences.flatMap { $0 }, count: sequences.count)
    }

    /// Size of the first dimension: examples, N, but for a time-major model.
    public var count: Int {
        switch self {
        case .tokens(_, let count): count
        case .values(let tensor): tensor.shape.first ?? 0
        }
    }

    /// The shape: `[N, T]` of token ids, else that of the numbers.
    public var shape: [Int] {
        switch self {
        case .tokens(let tokens, let count): [count, tokens.count / max(count, 1)]
        case .values(let tensor): tensor.shape
        }
    }

    /// The examples of `rows`, in that order.
    public func rows(_ rows: [Int]) -> LayerInput {
        switch self {
        case .tokens(let tokens, _):
            let width = shape[1]
            return .tokens(rows.flatMap { tokens[$0 * width..<($0 + 1) * width] }, count: rows.count)
        case .values(let tensor): return .values(tensor.rows(rows))
        }
    }
}
