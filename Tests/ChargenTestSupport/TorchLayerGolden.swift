import ChargenDevice
import ChargenNN
import ChargenTensor
import Foundation

/// The golden values that `Tests/References/torch_layers.py` wrote: PyTorch's layers, two on top of each other, one way and
/// both ways.
package struct TorchLayerGolden: Decodable, Sendable, CustomStringConvertible {
    package struct Gradients: Decodable, Sendable {
        package let input: Golden.Numbers
        package let initialState, weights: [Golden.Numbers]

        private enum CodingKeys: String, CodingKey {
            case input, weights
            case initialState = "initial_state"
        }
    }

    package let name, kind: String
    package let nonlinearity: String?
    package let bidirectional: Bool
    package let layerCount, hiddenSize: Int
    package let input, output, outputGradient: Golden.Numbers
    package let initialState, states, stateGradients, weights: [Golden.Numbers]
    package let gradients: Gradients

    private enum CodingKeys: String, CodingKey {
        case name, nonlinearity, bidirectional, input, output, states, weights, gradients
        case kind = "class"
        case layerCount = "num_layers"
        case hiddenSize = "hidden_size"
        case initialState = "initial_state"
        case outputGradient = "output_gradient"
        case stateGradients = "state_gradients"
    }

    package var description: String { name }

    private struct File: Decodable { let cases: [TorchLayerGolden] }

    package static let cases: [TorchLayerGolden] = {
        try! JSONDecoder().decode(File.self, from: try! Data(contentsOf: Golden.file("torch_layers.json"))).cases
    }()

    /// The same layers as a time-major model of ours.
    package func model() throws -> Sequential {
        let layers: [any Layer] = (0..<layerCount).map { _ in
            let layer: any RecurrentLayer =
                switch kind {
                case "LSTM": LSTM(units: hiddenSize, returnSequences: true, returnState: true, timeMajor: true)
                case "GRU": GRU(units: hiddenSize, returnSequences: true, returnState: true, timeMajor: true)
                default:
                    SimpleRNN(
                        units: hiddenSize, activation: nonlinearity == "relu" ? .relu : .tanh, returnSequences: true,
                        returnState: true, timeMajor: true)
                }
            return bidirectional ? Bidirectional(layer) : layer
        }
        return try Sequential(layers, inputSize: input.shape[2], device: .cpu(threads: 2))
    }

    /// PyTorch's four tensors of each layer and direction as Keras's: kernels turned, biases added up but for a GRU, which
    /// has both, and gates r, z, n as z, r, n.
    package func kerasWeights(_ tensors: [Golden.Numbers]) -> [Tensor] {
        stride(from: 0, to: tensors.count, by: 4).flatMap { first -> [Tensor] in
            let parts = tensors[first..<first + 4].map { reordered($0.tensor) }
            let biases = parts[2...]
            let bias =
                kind == "GRU"
                ? Tensor(shape: [2, parts[2].values.count], values: biases.flatMap(\.values))
                : Tensor(shape: parts[2].shape, values: zip(parts[2].values, parts[3].values).map { $0 + $1 })
            return [parts[0].transposed, parts[1].transposed, bias]
        }
    }

    private func reordered(_ tensor: Tensor) -> Tensor {
        guard kind == "GRU" else { return tensor }
        let size = tensor.values.count / 3
        let blocks = [1, 0, 2].flatMap { tensor.values[$0 * size..<($0 + 1) * size] }
        return Tensor(shape: tensor.shape, values: blocks)
    }

    /// PyTorch's `[layers · directions, N, H]` as one state for each.
    package func layerStates(_ tensors: [Golden.Numbers]) -> [LayerState] {
        RNNState(hidden: tensors[0].tensor, cell: tensors.count > 1 ? tensors[1].tensor : nil).layers
    }
}
