import ChargenNN
import ChargenTensor

/// A model of tokens during training, one step at a time: forward pass, loss, backward pass, each with its numbers in the
/// open, as golden values and laws need them.
package final class TokenNetwork {
    package let configuration: RNNConfiguration
    package let network: Sequential
    private let precision: OperandPrecision
    private var output: Signal?
    private var stateGradient: [BatchState] = []

    /// A network with the weights of `model`.
    package init(
        _ model: RNNModel, precision: OperandPrecision = .float32, dropout: Float = 0, recurrentDropout: Float = 0,
        on backend: any Backend
    ) throws {
        configuration = model.configuration
        self.precision = precision
        network = try Sequential(
            configuration.makeLayers(dropout: dropout, recurrentDropout: recurrentDropout), on: backend)
        network.parameters.flat.assign(try model.network(on: backend).parameters.flat.values)
    }

    /// A network with the initial weights of `seed`.
    package convenience init(
        _ configuration: RNNConfiguration, seed: UInt64, precision: OperandPrecision = .float32, on backend: any Backend
    ) throws {
        try self.init(RNNModel(configuration: configuration, seed: seed), precision: precision, on: backend)
    }

    package var parameters: ParameterBuffer { network.parameters }
    package var gradients: ParameterBuffer { network.gradients }
    package func parametersChanged() { network.parametersChanged() }

    /// Runs `tokens [T, N]` from `state`, which becomes the final state.
    package func forward(
        tokens: [Int32], steps: Int, batchSize: Int, state: inout RNNState, dropouts: RandomSource? = nil
    ) throws {
        var signal = Signal(rows: .tokens(tokens), steps: steps, batchSize: batchSize)
        signal.initialStates = state.layers.map { BatchState($0, on: network.backend) }
        let result = try network.forward(
            signal, gradients: true, skipsActivation: true, random: dropouts, precision: precision)
        state = RNNState(layers: result.finalStates.map(\.layerState))
        output = result
    }

    /// The logits `[T·N, V]` of the last forward pass, until the loss is computed.
    package var logits: Tensor {
        get throws { try output!.matrix(ReusedMemory(), on: network.backend).tensor() }
    }

    private var lossGradient: SignalGradient?

    /// The sum of the losses of the last forward pass.
    package func loss(targets: [Int32]) throws -> Double {
        let classes = network.backend.makeIndices(targets, limit: configuration.vocabularySize)
        let (loss, gradient) = try network.loss(
            .sparseCategoricalCrossentropy, of: output!, .classes(classes), countsRight: false, gradient: true)
        lossGradient = gradient
        return loss.totals.sum
    }

    /// Backpropagates the mean loss, and the gradient of the final state where there is one.
    package func backward(finalState: RNNState? = nil) {
        var gradient = lossGradient!
        let zeros = RNNState(zeros: output!.batchSize, configuration: configuration)
        gradient.finalStates = (finalState ?? zeros).layers.map { BatchState($0, on: network.backend) }
        stateGradient = network.backward(gradient).initialStates
    }

    /// The gradient of the initial state, after the backward pass.
    package var initialStateGradient: RNNState { RNNState(layers: stateGradient.map(\.layerState)) }

    /// A buffer of the network's layout under PyTorch's names.
    package func named(_ buffer: ParameterBuffer) throws -> [String: Tensor] {
        let model = RNNModel(configuration: configuration, parameters: buffer)
        return Dictionary(uniqueKeysWithValues: try model.tensors.map { ($0.name, $0.tensor) })
    }
}
