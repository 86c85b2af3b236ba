import ChargenNN

/// What a ``TextClassifier`` is made of; enough to build it anew.
public struct ClassifierConfiguration: Sendable, Equatable, Codable {
    /// The recurrent cell.
    public var cell = RNNConfiguration.Cell.lstm
    /// Numbers in a token's vector, D.
    public var embeddingSize = 32
    /// Units of each recurrent layer and direction, H.
    public var hiddenSize = 64
    /// Recurrent layers, one on top of the other, L.
    public var layers = 1
    /// Whether each recurrent layer reads from both ends.
    public var bidirectional = false
    /// Units of the dense layer before the last; 0 for none.
    public var denseSize = 32

    private enum CodingKeys: String, CodingKey {
        case cell, layers, bidirectional
        case embeddingSize = "embedding_size"
        case hiddenSize = "hidden_size"
        case denseSize = "dense_size"
    }

    /// The defaults, to be changed one by one.
    public init() {}

    /// - Throws: `ModelError` where a size is out of range.
    public func validate() throws {
        for (option, value, range) in [
            ("embedding", embeddingSize, RNNConfiguration.embeddingSizeRange),
            ("hidden", hiddenSize, RNNConfiguration.hiddenSizeRange),
            ("layers", layers, RNNConfiguration.layersRange), ("dense", denseSize, 0...16_384),
        ] {
            guard range ~= value else { throw ModelError.outOfRange(option: option, value: value, allowed: range) }
        }
    }

    /// The layers, for `vocabularySize` tokens and `classes` labels: embedding, recurrent layers of which the last gives
    /// its final output, a dense layer of relu, and one of softmax; dropouts between them.
    func makeLayers(
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
