import ChargenTensor

extension RNNModel {
    /// The model as the layers that it is made of, with its weights: an ``Embedding`` or one-hot inputs `[N, T, V]`,
    /// recurrent layers that return sequences and states, and a ``Dense`` layer that gives the logits `[N, T, V]`.
    /// - Throws: `BackendError`.
    public func sequential() throws -> Sequential {
        let (V, H) = (configuration.vocabularySize, configuration.hiddenSize)
        let embedding: [any Layer] = configuration.embeddingSize.map { [Embedding(inputDim: V, outputDim: $0)] } ?? []
        let recurrent: [any Layer] = (0..<configuration.layers).map { _ in
            switch configuration.cell {
            case .lstm: LSTM(units: H, returnSequences: true, returnState: true)
            case .gru: GRU(units: H, returnSequences: true, returnState: true)
            case .rnn: SimpleRNN(units: H, returnSequences: true, returnState: true)
            }
        }
        let model = try Sequential(SequentialPlan(embedding + recurrent + [Dense(units: V)], inputSize: V))
        // The same layers declare the same parameters in the same order.
        model.parameters.flat.assign(parameterBuffer().flat)
        model.parametersChanged()
        return model
    }
}
