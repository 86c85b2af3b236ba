/// A matrix with a vector for each token of a vocabulary; made by ``WordVectors/matrix(for:missing:)``.
public struct EmbeddingMatrix: Sendable, Equatable {
    /// The number of tokens, V.
    public let rows: Int
    /// The size of a vector, D.
    public let columns: Int
    /// The elements, `[V, D]`: element `d` of token `v` is at index `v · D + d`.
    public let values: [Float]
    /// The number of tokens whose vectors were found.
    public let found: Int
    /// The tokens whose vectors were not found, in order, except the token for unknown tokens.
    public let missing: [String]
}
