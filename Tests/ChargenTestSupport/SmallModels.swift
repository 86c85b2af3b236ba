import ChargenModels
import ChargenNN
import ChargenSampling
import ChargenTensor
import ChargenText

extension CharacterModel {
    /// A model with random weights over the characters of `text`; every dimension has another size.
    package static func random(
        _ cell: RNNConfiguration.Cell = .lstm, text: String = "abcdefg\n", hiddenSize: Int = 19, layers: Int = 1,
        embeddingSize: Int? = nil, layerNorm: Bool = false, seed: UInt64 = 4
    ) throws -> CharacterModel {
        let vocabulary = Vocabulary(text: text)
        let configuration = try RNNConfiguration(
            cell: cell, vocabularySize: vocabulary.count, hiddenSize: hiddenSize, layers: layers,
            embeddingSize: embeddingSize, layerNorm: layerNorm)
        return CharacterModel(network: try RNNModel(configuration: configuration, seed: seed), vocabulary: vocabulary)
    }

    /// The model with weights that `change` has overwritten by their PyTorch name.
    package func replacingWeights(_ change: (String, inout [Float]) -> Void) throws -> CharacterModel {
        var tensors: [String: Tensor] = [:]
        for (name, tensor) in try network.tensors {
            var tensor = tensor
            change(name, &tensor.values)
            tensors[name] = tensor
        }
        return CharacterModel(
            network: try RNNModel(configuration: network.configuration, tensors: tensors), vocabulary: vocabulary,
            lineBreaks: lineBreaks, sampling: sampling)
    }
}
