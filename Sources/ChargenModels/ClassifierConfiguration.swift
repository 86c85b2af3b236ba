import ChargenNN

/// The architecture of a ``TextClassifier``: enough to build its layers.
public struct ClassifierConfiguration: Sendable, Equatable, Codable {
    /// The recurrent cell.
    public var cell = RNNConfiguration.Cell.lstm
    /// Numbers in a token's vector, D.
    public var embeddingSize = 32
    /// Units of each recurrent layer and direction, H.
    public var hiddenSize = 64
    /// Recurrent layers, one on top of the other, L.
    public var layers = 1
    /// Whether each recurrent layer reads the text in both directions.
    public var bidirectional = false
    /// Units of the dense layer before the last; 0 for none.
    public var denseSize = 32

    /// The defaults, to be changed one by one.
    public init() {}

    /// Decodes a configuration; a value that is missing has its default.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        cell = try values.decodeIfPresent(RNNConfiguration.Cell.self, forKey: .cell) ?? cell
        embeddingSize = try values.decodeIfPresent(Int.self, forKey: .embeddingSize) ?? embeddingSize
        hiddenSize = try values.decodeIfPresent(Int.self, forKey: .hiddenSize) ?? hiddenSize
        layers = try values.decodeIfPresent(Int.self, forKey: .layers) ?? layers
        bidirectional = try values.decodeIfPresent(Bool.self, forKey: .bidirectional) ?? bidirectional
        denseSize = try values.decodeIfPresent(Int.self, forKey: .denseSize) ?? denseSize
    }

    /// Checks that every size is in its range.
    /// - Throws: `ModelError/outOfRange(option:value:allowed:)`.
    public func validate() throws {
        try ModelError.require(SizeLimits.embedding, "embedding", embeddingSize)
        try ModelError.require(SizeLimits.units, "hidden", hiddenSize)
        try ModelError.require(SizeLimits.layers, "layers", layers)
        try ModelError.require(0...SizeLimits.units.upperBound, "dense", denseSize)
    }

    /// The layers for `vocabularySize` tokens and `classes` labels: an embedding, recurrent layers of which the last returns
    /// its final output, a dense layer with relu, and one with softmax, with dropouts between them.
    package func makeLayers(
        vocabularySize: Int, classes: Int, dropout: Float = 0, recurrentDropout: Float = 0,
        embedding: Embedding? = nil
    ) -> [any Layer] {
        var layers: [any Layer] = [
            embedding ?? Embedding(
                inputDim: vocabularySize, outputDim: embeddingSize,
                embeddingsInitializer: .randomNormal(standardDeviation: 0.5), maskZero: true)
        ]
        if dropout > 0 { layers.append(Dropout(rate: dropout)) }
        for index in 0..<self.layers {
            var layer = cell.layer(units: hiddenSize)
            layer.options.returnSequences = index < self.layers - 1
            layer.options.recurrentDropout = recurrentDropout
            layers.append(bidirectional ? Bidirectional(layer) : layer)
            if dropout > 0 { layers.append(Dropout(rate: dropout)) }
        }
        if denseSize > 0 {
            layers.append(Dense(units: denseSize, activation: .relu))
            if dropout > 0 { layers.append(Dropout(rate: dropout)) }
        }
        return layers + [Dense(units: classes, activation: .softmax)]
    }
}
