import ChargenTensor

/// The input of a ``Sequential``.
public enum LayerInput: Sendable, Equatable {
    /// Token ids, a row for each sequence (for each step, of all sequences, for a time-major model). Rows may differ in
    /// length if the model skips padding (`Embedding(maskZero: true)`): each batch is padded to its longest row.
    case tokens([[Int32]])
    /// Numbers `[N, T, D]`, or `[N, D]` for a model without time (`[T, N, D]` for a time-major one).
    case values(Tensor)

    /// Token ids `[count, T]`, row-major, such as `padSequences` returns. Traps where their number is not a multiple of
    /// `count`.
    public static func tokens(_ tokens: [Int32], count: Int) -> LayerInput {
        precondition(count > 0 && tokens.count % count == 0, "\(tokens.count) tokens for \(count) sequences")
        let width = tokens.count / count
        return .tokens((0..<count).map { Array(tokens[$0 * width..<($0 + 1) * width]) })
    }

    /// The size of the first dimension: examples, N, unless the model is time-major.
    public var count: Int {
        switch self {
        case .tokens(let rows): rows.count
        case .values(let tensor): tensor.shape.first ?? 0
        }
    }

    /// The shape: `[N, T]` of token ids, T being the length of the longest sequence, or the shape of the numbers.
    public var shape: [Int] {
        switch self {
        case .tokens(let rows): [rows.count, rows.map(\.count).max() ?? 0]
        case .values(let tensor): tensor.shape
        }
    }

    /// The examples `rows`, in that order.
    public func rows(_ rows: [Int]) -> LayerInput {
        switch self {
        case .tokens(let tokens): .tokens(rows.map { tokens[$0] })
        case .values(let tensor): .values(tensor.rows(rows))
        }
    }
}
