/// Vectors for the tokens of a vocabulary; made by ``WordVectors/matrix(for:missing:)``.
public struct EmbeddingMatrix: Sendable, Equatable {
    /// Tokens, V.
    public let rows: Int
    /// Numbers of a vector, D.
    public let columns: Int
    /// `[V, D]`, row by row: number `d` of token `v` at index `v · D + d`.
    public let values: [Float]
    /// Tokens whose vectors were found.
    public let found: Int
    /// Tokens whose vectors were drawn instead, in order; without the one that stands for unknown tokens.
    public let missing: [String]
}
