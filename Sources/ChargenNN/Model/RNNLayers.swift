import ChargenTensor

/// The layers of an ``RNNModel`` and where their parameters lie: one-hot input, recurrent layer, dense output.
package struct RNNLayers: Sendable {
    package let recurrent: LSTMCell
    package let output: Dense
    package let layout: ParameterLayout

    package init(_ configuration: RNNConfiguration) {
        var layout = ParameterLayout()
        let (V, H) = (configuration.vocabularySize, configuration.hiddenSize)
        switch configuration.cell {
        case .lstm: recurrent = LSTMCell(name: "lstm", inputSize: V, hiddenSize: H, layout: &layout)
        }
        output = Dense(name: "output", inputSize: H, units: V, layout: &layout)
        self.layout = layout
    }

    /// New parameters, drawn from `seed`.
    package func initialize(seed: UInt64, on backend: any Backend) -> ParameterBuffer {
        let parameters = ParameterBuffer(layout: layout)
        var random = RandomSource(seed: seed)
        recurrent.initialize(parameters, using: &random, on: backend)
        output.initialize(parameters, using: &random)
        return parameters
    }
}

