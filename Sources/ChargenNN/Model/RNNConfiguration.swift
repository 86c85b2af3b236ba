/// The architecture of an ``RNNModel``: enough to build its layers.
public struct RNNConfiguration: Sendable, Equatable, Codable {
    /// The kinds of recurrent cell.
    public enum Cell: String, Sendable, Codable, CaseIterable {
        /// Long short-term memory.
        case lstm
        /// Gated recurrent unit, whose reset gate multiplies the product, as in PyTorch.
        case gru
        /// A simple recurrent layer, of tanh.
        case rnn
        /// Multiplicative long short-term memory.
        case mlstm

        /// The layer of `units` units, with Keras's defaults.
        package func layer(units: Int) -> any RecurrentLayer {
            switch self {
            case .lstm: LSTM(units: units)
            case .gru: GRU(units: units)
            case .rnn: SimpleRNN(units: units)
            case .mlstm: MultiplicativeLSTM(units: units)
            }
        }
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
    /// Whether the recurrent products are normalized; see ``RecurrentOptions/layerNorm``.
    public var layerNorm: Bool

    /// - Throws: ``ModelError`` where a size is out of range.
    public init(
        cell: Cell = .lstm, vocabularySize: Int, hiddenSize: Int, layers: Int = 1, embeddingSize: Int? = nil,
        layerNorm: Bool = false
    ) throws {
        try ModelError.require(SizeLimits.units, "hidden", hiddenSize)
        try ModelError.require(SizeLimits.layers, "layers", layers)
        if let embeddingSize { try ModelError.require(SizeLimits.embedding, "embedding", embeddingSize) }
        try ModelError.require(SizeLimits.vocabulary, "vocabulary", vocabularySize)
        self.cell = cell
        self.vocabularySize = vocabularySize
        self.hiddenSize = hiddenSize
        self.layers = layers
        self.embeddingSize = embeddingSize
        self.layerNorm = layerNorm
    }

    /// Reads a configuration; files of versions that had no layer normalization do not name it.
    /// - Throws: `DecodingError`.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        cell = try values.decode(Cell.self, forKey: .cell)
        vocabularySize = try values.decode(Int.self, forKey: .vocabularySize)
        hiddenSize = try values.decode(Int.self, forKey: .hiddenSize)
        layers = try values.decode(Int.self, forKey: .layers)
        embeddingSize = try values.decodeIfPresent(Int.self, forKey: .embeddingSize)
        layerNorm = try values.decodeIfPresent(Bool.self, forKey: .layerNorm) ?? false
    }

    /// The layers of the model: an ``Embedding`` or ``OneHot``, recurrent layers that return sequences and states, and a
    /// ``Dense`` layer that gives the logits.
    ///
    /// The kernel of one-hot inputs begins LeCun uniform with a fan-in of one, since of such an input one number is not
    /// zero. Glorot's rule, which counts V of them, would make the characters' influence very small at first: on tiny
    /// Shakespeare the validation loss after three epochs is 1.545 instead of 1.646. Embeddings begin standard normal, as in
    /// PyTorch.
    /// - Parameters:
    ///   - dropout: the share of each recurrent layer's outputs that training drops, drawn anew for every step (Zaremba,
    ///     Sutskever and Vinyals, "Recurrent Neural Network Regularization", 2014).
    ///   - recurrentDropout: the share of the states that training hides from the recurrent products.
    package func makeLayers(dropout: Float = 0, recurrentDropout: Float = 0) -> [any Layer] {
        var made: [any Layer] = []
        if let size = embeddingSize {
            let initial = Initializer.randomNormal(standardDeviation: 1)
            made.append(Embedding(inputDim: vocabularySize, outputDim: size, embeddingsInitializer: initial))
        } else {
            made.append(OneHot(size: vocabularySize))
        }
        for index in 0..<layers {
            var layer = cell.layer(units: hiddenSize)
            if index == 0 && embeddingSize == nil { layer.options.kernelInitializer = .lecunUniform(fanIn: 1) }
            layer.options.layerNorm = layerNorm
            layer.options.returnSequences = true
            layer.options.returnState = true
            layer.options.recurrentDropout = recurrentDropout
            made.append(layer)
            if dropout > 0 { made.append(Dropout(rate: dropout)) }
        }
        return made + [Dense(units: vocabularySize)]
    }
}
