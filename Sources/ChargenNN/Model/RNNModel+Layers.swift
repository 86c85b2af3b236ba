import ChargenTensor

extension RNNModel {
    /// The model as the layers that it is made of, with its weights: an ``Embedding`` or one-hot inputs `[N, T, V]`,
    /// recurrent layers that return sequences and states, and a ``Dense`` layer that gives the logits `[N, T, V]`.
    /// - Throws: `BackendError`.
    public func sequential() throws -> Sequential {
        let (V, H) = (configuration.vocabularySize, configuration.hiddenSize)
        let embedding: [any Layer] = configuration.embeddingSize.map { [Embedding(inputDim: V, outputDim: $0)] } ?? []
        let recurrent: [any Layer] = (0..<configuration.layers).map { _ in
            var layer = configuration.cell.layer(units: H)
            layer.options.returnSequences = true
            layer.options.returnState = true
            return layer
        }
        let model = try Sequential(SequentialPlan(embedding + recurrent + [Dense(units: V)], inputSize: V))
        // The same layers declare the same parameters in the same order.
        model.parameters.flat.assign(parameterBuffer().flat)
        model.parametersChanged()
        return model
    }
}
