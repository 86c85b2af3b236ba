import ChargenTensor

/// The layers of an ``RNNModel`` and where their parameters lie: embedding (or one-hot input), recurrent layers from the
/// bottom up, dense output.
package struct RNNLayers: Sendable {
    package let configuration: RNNConfiguration
    package let embedding: EmbeddingTable?
    /// At least one.
    package let recurrent: [RecurrentCell]
    package let output: AffineMap
    package let layout: ParameterLayout

    package init(_ configuration: RNNConfiguration) {
        self.configuration = configuration
        var layout = ParameterLayout()
        let (V, H) = (configuration.vocabularySize, configuration.hiddenSize)
        embedding = configuration.embeddingSize.map {
            EmbeddingTable(name: "embedding", vocabularySize: V, size: $0, layout: &layout)
        }
        let inputSize = configuration.embeddingSize ?? V
        recurrent = (0..<configuration.layers).map {
            RecurrentCell(
                configuration.cell.specification(units: H), name: "\(configuration.cell.rawValue)_\($0)",
                inputSize: $0 == 0 ? inputSize : H, layout: &layout)
        }
        output = AffineMap(name: "output", inputSize: H, units: V, layout: &layout)
        self.layout = layout
    }

    /// New parameters, drawn from `seed`.
    package func initialize(seed: UInt64, on backend: any Backend) -> ParameterBuffer {
        let parameters = ParameterBuffer(layout: layout)
        var random = RandomSource(seed: seed)
        embedding?.initialize(parameters, using: &random)
        for (index, cell) in recurrent.enumerated() {
            cell.initialize(parameters, oneHot: index == 0 && embedding == nil, using: &random, on: backend)
        }
        output.initialize(parameters, using: &random, on: backend)
        return parameters
    }
}
