import ChargenNN
import ChargenTensor
import Foundation

/// The golden values that `Tests/References/keras_layers.py` wrote: one case for each layer, option and combination.
package struct LayerGolden: Decodable, Sendable, CustomStringConvertible {
    package struct Gradients: Decodable, Sendable {
        package let input: Golden.Numbers?
        package let initialState: [Golden.Numbers]?
        package let weights: [Golden.Numbers]

        private enum CodingKeys: String, CodingKey {
            case input, weights
            case initialState = "initial_state"
        }
    }

    package let name: String
    package let layer: LayerDescription
    package let bidirectional: String?
    package let inputs: [Golden.Numbers]?
    package let mask: [[Int]]?
    package let initialState: [Golden.Numbers]?
    package let weights: [Golden.Numbers]?
    package let outputs: [Golden.Numbers]?
    package let states: [[Golden.Numbers]]?
    package let outputGradient: Golden.Numbers?
    package let stateGradients: [Golden.Numbers]?
    package let gradients: Gradients?
    package let initialBias: Golden.Numbers?
    // Losses.
    package let predictions: Golden.Numbers?
    package let targets: Golden.Numbers?
    package let labels: Golden.Numbers?
    package let loss: Double?
    package let gradient: Golden.Numbers?
    // Padding.
    package let sequences: [[Int32]]?
    package let maxlen: Int?
    package let padding, truncating: String?
    package let value: Int32?
    package let expected: [[Int32]]?

    private enum CodingKeys: String, CodingKey {
        case name, layer, bidirectional, inputs, mask, weights, outputs, states, gradients, predictions, targets, labels
        case loss, gradient, sequences, maxlen, padding, truncating, value, expected
        case initialState = "initial_state"
        case outputGradient = "output_gradient"
        case stateGradients = "state_gradients"
        case initialBias = "initial_bias"
    }

    package var description: String { name }

    private struct File: Decodable { let cases: [LayerGolden] }

    package static let cases: [LayerGolden] = {
        try! JSONDecoder().decode(File.self, from: try! Data(contentsOf: Golden.file("keras_layers.json"))).cases
    }()

    /// The cases of some layers.
    package static func cases(of classes: String...) -> [LayerGolden] {
        cases.filter { classes.contains($0.layer.kind) && $0.initialBias == nil }
    }
}

/// A layer as Keras's configuration has it.
package struct LayerDescription: Decodable, Sendable {
    package let kind: String
    package let name: String?
    package let units: Int?
    package let activation, recurrentActivation: Activation?
    package let useBias, unitForgetBias, resetAfter, returnSequences, returnState, goBackwards, stateful, maskZero: Bool?
    package let inputDim, outputDim: Int?
    package let bidirectional: String?
    package let layers: [LayerDescription]?

    private enum CodingKeys: String, CodingKey {
        case kind = "class"
        case name, units, activation, stateful, bidirectional, layers
        case recurrentActivation = "recurrent_activation"
        case useBias = "use_bias"
        case unitForgetBias = "unit_forget_bias"
        case resetAfter = "reset_after"
        case returnSequences = "return_sequences"
        case returnState = "return_state"
        case goBackwards = "go_backwards"
        case maskZero = "mask_zero"
        case inputDim = "input_dim"
        case outputDim = "output_dim"
    }

    /// The layer, wrapped in a `Bidirectional` where `merged` says how.
    package func layer(merged: String? = nil) -> any Layer {
        switch kind {
        case "Dense": return Dense(units: units!, activation: activation!, useBias: useBias!)
        case "Embedding": return Embedding(inputDim: inputDim!, outputDim: outputDim!, maskZero: maskZero!)
        default:
            let recurrent = recurrent
            guard let mode = merged ?? bidirectional else { return recurrent }
            return Bidirectional(recurrent, mergeMode: Bidirectional.MergeMode(rawValue: mode)!)
        }
    }

    private var recurrent: any RecurrentLayer {
        switch kind {
        case "LSTM":
            LSTM(
                units: units!, activation: activation!, recurrentActivation: recurrentActivation!, useBias: useBias!,
                unitForgetBias: unitForgetBias!, returnSequences: returnSequences!, returnState: returnState!,
                goBackwards: goBackwards!, stateful: stateful!)
        case "GRU":
            GRU(
                units: units!, activation: activation!, recurrentActivation: recurrentActivation!, useBias: useBias!,
                resetAfter: resetAfter!, returnSequences: returnSequences!, returnState: returnState!,
                goBackwards: goBackwards!, stateful: stateful!)
        case "SimpleRNN":
            SimpleRNN(
                units: units!, activation: activation!, useBias: useBias!, returnSequences: returnSequences!,
                returnState: returnState!, goBackwards: goBackwards!, stateful: stateful!)
        default: preconditionFailure("no layer \(kind)")
        }
    }

    /// Tensors in Keras's order as the states of this layer: two for each LSTM, one for each other.
    package func states(_ tensors: [Golden.Numbers]) -> [LayerState] {
        guard kind == "LSTM" else { return tensors.map { LayerState(hidden: $0.tensor) } }
        return stride(from: 0, to: tensors.count, by: 2).map {
            LayerState(hidden: tensors[$0].tensor, cell: tensors[$0 + 1].tensor)
        }
    }
}
