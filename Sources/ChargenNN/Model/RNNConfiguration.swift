/// What a model is made of; enough to build it anew.
public struct RNNConfiguration: Sendable, Equatable, Codable {
    /// The kinds of recurrent cell.
    public enum Cell: String, Sendable, Codable, CaseIterable {
        /// Long short-term memory.
        case lstm
        /// Gated recurrent unit, whose reset gate multiplies the product, as in PyTorch.
        case gru
        /// A simple recurrent layer, of tanh.
        case rnn

        /// The layer of `units` units, with Keras's defaults.
        package func layer(units: Int) -> any RecurrentLayer {
            switch self {
            case .lstm: LSTM(units: units)
            case .gru: GRU(units: units)
            case .rnn: SimpleRNN(units: units)
            }
        }

        /// What its cell computes.
        package func specification(units: Int) -> CellSpecification { layer(units: units).specification }
    }

    /// The recurrent cell.
    public var cell: Cell
    /// Tokens that the model knows, V.
    public var vocabularySize: Int
    /// Units of each recurrent layer, H.
    public var hiddenSize: Int
    /// Recurrent layers, one on top of the other, L.
    public var layers: Int
    /// Numbers in the learned vector that stands for a token, D; nil for one-hot inputs.
    public var embeddingSize: Int?

    private enum CodingKeys: String, CodingKey {
        case cell
        case vocabularySize = "vocabulary_size"
        case hiddenSize = "hidden_size"
        case layers
        case embeddingSize = "embedding_size"
    }

    /// The sizes that a model may have.
    public static let hiddenSizeRange = 1...16_384
    /// The numbers of layers that a model may have.
    public static let layersRange = 1...64
    /// The sizes that an embedding may have.
    public static let embeddingSizeRange = 1...16_384
    /// The numbers of tokens that a model may know.
    public static let vocabularySizeRange = 1...1_200_000

    /// - Throws: ``ModelError`` where a size is out of range.
    public init(
        cell: Cell = .lstm, vocabularySize: Int, hiddenSize: Int, layers: Int = 1, embeddingSize: Int? = nil
    ) throws {
        func require(_ range: ClosedRange<Int>, _ option: String, _ value: Int) throws {
            guard range ~= value else { throw ModelError.outOfRange(option: option, value: value, allowed: range) }
        }
        try require(Self.hiddenSizeRange, "hidden", hiddenSize)
        try require(Self.layersRange, "layers", layers)
        if let embeddingSize { try require(Self.embeddingSizeRange, "embedding", embeddingSize) }
        try require(Self.vocabularySizeRange, "vocabulary", vocabularySize)
        self.cell = cell
        self.vocabularySize = vocabularySize
        self.hiddenSize = hiddenSize
        self.layers = layers
        self.embeddingSize = embeddingSize
    }
}
