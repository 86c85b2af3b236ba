/// What a model is made of; enough to build it anew.
public struct RNNConfiguration: Sendable, Equatable, Codable {
    /// The kinds of recurrent cell.
    public enum Cell: String, Sendable, Codable, CaseIterable {
        /// Long short-term memory.
        case lstm
    }

    /// The recurrent cell.
    public var cell: Cell
    /// Tokens that the model knows, V.
    public var vocabularySize: Int
    /// Units of the recurrent layer, H.
    public var hiddenSize: Int

    private enum CodingKeys: String, CodingKey {
        case cell
        case vocabularySize = "vocabulary_size"
        case hiddenSize = "hidden_size"
    }

    /// The sizes that a model may have.
    public static let hiddenSizeRange = 1...16_384
    /// The numbers of tokens that a model may know.
    public static let vocabularySizeRange = 1...1_200_000

    /// - Throws: ``ModelError`` where a size is out of range.
    public init(cell: Cell = .lstm, vocabularySize: Int, hiddenSize: Int) throws {
        guard Self.hiddenSizeRange ~= hiddenSize else {
            throw ModelError.outOfRange(option: "hidden", value: hiddenSize, allowed: Self.hiddenSizeRange)
        }
        guard Self.vocabularySizeRange ~= vocabularySize else {
            throw ModelError.outOfRange(option: "vocabulary", value: vocabularySize, allowed: Self.vocabularySizeRange)
        }
        self.cell = cell
        self.vocabularySize = vocabularySize
        self.hiddenSize = hiddenSize
    }
}
