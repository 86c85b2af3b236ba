import ChargenTensor

/// A model at work: parameters that may change, the packed forms of them, and the memory of one pass.
///
/// Not `Sendable`; several threads that compute each have their own. Memory is taken once, for the largest pass.
package final class RNNNetwork {
    package let layers: RNNLayers
    package let parameters: ParameterBuffer
    /// Of the mean loss per character; there for training.
    package let gradients: ParameterBuffer?
    private let recurrent: Recurrent<LSTMCell>
    private let outputTape: Dense.Tape
    /// `[T·N, V]`; after ``loss(targets:)`` in training, their gradient.
    private let logitsMemory: Matrix
    /// `[1, T·N]`.
    private let losses: Matrix
    private let backend: any Backend
    private let maximum: (steps: Int, batchSize: Int)

    // The last pass.
    private var tokens: [Int32] = []
    private var size = (steps: 0, batchSize: 0)
    private var outputs: Matrix?
    private var parametersArePacked = false

    /// A network for passes of up to `steps` by `batchSize` over `parameters`, which it shares.
    package init(
        layers: RNNLayers, parameters: ParameterBuffer, steps: Int, batchSize: Int, training: Bool,
        on backend: any Backend
    ) {
        self.layers = layers
        self.parameters = parameters
        self.backend = backend
        maximum = (steps, batchSize)
        gradients = training ? ParameterBuffer(layout: layers.layout) : nil
        recurrent = Recurrent(
            layers.recurrent, steps: steps, batchSize: batchSize, training: training, on: backend)
        outputTape = layers.output.makeTape(rows: steps * batchSize, training: training, on: backend)
        logitsMemory = Matrix(rows: steps * batchSize, columns: layers.output.units)
        losses = Matrix(rows: 1, columns: steps * batchSize)
    }

    /// A network for inference with the weights of `model`.
    package convenience init(_ model: RNNModel, steps: Int, batchSize: Int, on backend: any Backend) {
        self.init(
            layers: RNNLayers(model.configuration), parameters: model.parameterBuffer(), steps: steps,
            batchSize: batchSize, training: false, on: backend)
    }

    /// To be called when the parameters have changed.
    package func parametersChanged() { parametersArePacked = false }

    /// The logits `[T·N, V]` of the last pass.
    package var logits: Matrix { logitsMemory[0..<size.steps * size.batchSize] }

    /// Runs `tokens` `[T, N]` from `state`, which becomes the state after the last step.
    package func forward(tokens: [Int32], steps: Int, batchSize: Int, state: inout RNNState) {
        precondition(
            1...maximum.steps ~= steps && 1...maximum.batchSize ~= batchSize && tokens.count == steps * batchSize,
            "\(tokens.count) tokens as [\(steps), \(batchSize)] in a network for \(maximum)")
        if !parametersArePacked {
            recurrent.prepare(parameters: parameters)
            layers.output.prepare(outputTape, parameters: parameters, on: backend)
            parametersArePacked = true
        }
        self.tokens = tokens
        size = (steps, batchSize)
        let outputs = recurrent.forward(
            tokens: tokens, steps: steps, batchSize: batchSize, state: &state.layer, parameters: parameters)
        layers.output.forward(outputs, into: logits, tape: outputTape, parameters: parameters, on: backend)
        self.outputs = outputs
    }

    /// The sum over the last pass of each target's negative log-likelihood in nats, computed from the logits with their
    /// maximum subtracted. In training the logits are overwritten with the gradient of the mean.
    package func loss(targets: [Int32]) -> Double {
        let logits = logits
        backend.softmaxCrossEntropy(
            logits: logits, targets: targets, scale: 1 / Float(targets.count),
            gradient: gradients == nil ? nil : logits, losses: losses)
        return losses.values.prefix(targets.count).reduce(0) { $0 + Double($1) }
    }

    /// Goes back over the last pass after ``loss(targets:)``: overwrites ``gradients`` with those of the mean loss, to
    /// which `finalState` adds what a function of the final state asks for.
    package func backward(finalState: RNNState? = nil) {
        guard let gradients, let outputs else { preconditionFailure("there is no pass to go back over") }
        let outputGradient = layers.output.backward(
            inputs: outputs, outputGradient: logits, tape: outputTape, gradients: gradients, on: backend)
        recurrent.backward(
            tokens: tokens, steps: size.steps, batchSize: size.batchSize, outputGradient: outputGradient,
            finalStateGradient: finalState?.layer, gradients: gradients)
    }

    /// The gradient of the state that the last pass began with, after ``backward(finalState:)``.
    package var initialStateGradient: RNNState {
        RNNState(layer: recurrent.initialStateGradient(batchSize: size.batchSize))
    }
}
