import ChargenTensor

extension Sequential {
    /// The weights under Keras's names and in its layouts and order: what `model.get_weights()` gives there.
    public var weights: [(name: String, tensor: Tensor)] { kerasWeights.map { ($0.name, $0.tensor(parameters)) } }

    /// Replaces all weights by `tensors`, in the order of ``weights``.
    /// - Throws: ``ModelError/wrongShape(name:found:expected:)``, ``ModelError/notFinite(name:index:)``,
    ///   ``ModelError/missingTensor(name:)``, ``ModelError/unexpectedTensor(name:)``; nothing is changed then.
    public func setWeights(_ tensors: [Tensor]) throws {
        let weights = kerasWeights
        if tensors.count < weights.count { throw ModelError.missingTensor(name: weights[tensors.count].name) }
        if tensors.count > weights.count { throw ModelError.unexpectedTensor(name: "number \(weights.count)") }
        let named = zip(weights, tensors).map { ($0.name, $1) }
        write(try weights.matching(Dictionary(named, uniquingKeysWith: { first, _ in first })), to: weights)
    }

    /// Numbers in all weights.
    public var parameterCount: Int { layout.parameterCount }

    /// The weights under Keras's names.
    package var kerasWeights: [NamedWeight] {
        zip(names, built).flatMap { name, layer in layer.kerasWeights.map { $0.prefixed("\(name)/") } }
    }

    /// The weights as PyTorch's modules keep them: `embedding.weight`, `rnn.weight_ih_l0` and so on for each recurrent
    /// layer, `dense.weight`, and `output.weight` for the last layer.
    package var torchWeights: [NamedWeight] {
        var recurrent = 0
        return built.enumerated().flatMap { index, layer in
            let weights = layer.torchWeights(layer: recurrent, isLast: index == built.count - 1)
            recurrent += layer is BuiltRecurrent || layer is BuiltBidirectional ? 1 : 0
            return weights
        }
    }

    /// The weights' tensors under PyTorch's names.
    package var torchTensors: [(name: String, tensor: Tensor)] {
        torchWeights.map { ($0.name, $0.tensor(parameters)) }
    }

    /// Replaces all weights by `tensors` under PyTorch's names. No memory is taken before all of them fit.
    /// - Throws: ``ModelError``.
    package func setTorchTensors(_ tensors: [String: Tensor]) throws {
        let weights = torchWeights
        write(try weights.matching(tensors), to: weights)
    }

    /// Replaces all weights by `tensors` under Keras's names. No memory is taken before all of them fit.
    /// - Throws: ``ModelError``.
    package func setKerasTensors(_ tensors: [String: Tensor]) throws {
        let weights = kerasWeights
        write(try weights.matching(tensors), to: weights)
    }

    private func write(_ tensors: [Tensor], to weights: [NamedWeight]) {
        for (weight, tensor) in zip(weights, tensors) { weight.write(tensor.values, parameters) }
        parametersChanged()
    }
}
