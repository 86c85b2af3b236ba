import ChargenTensor

/// A model at work: parameters that may change, the packed forms of them, and the memory of one pass.
///
/// Not `Sendable`; several threads that compute each have their own. Memory is taken once, for the largest pass.
package final class RNNNetwork {
    package let layers: RNNLayers
    package let parameters: ParameterBuffer
    /// Of the mean loss per character; there for training.
    package let gradients: ParameterBuffer?
    /// Of what products read.
    package let precision: OperandPrecision
    private let embeddingTape: EmbeddingTable.Tape?
    /// From the bottom up.
    private let recurrent: [Recurrent]
    private let outputTape: AffineMap.Tape
    /// `[T·N, V]`.
    private let logitsMemory: Matrix
    /// In training.
    private let back: Back?
    /// `[1, T·N]`.
    private let losses: Matrix
    private let backend: any Backend
    private let maximum: (steps: Int, batchSize: Int)

    /// What each recurrent layer gives to the next, `[T·N, H]`, where some of it is dropped.
    private let dropped: [Operand]
    private let dropout: DropoutRates

    // The last pass.
    private var inputs: [CellInput] = []
    private var passes: [Recurrent.Pass] = []
    private var draws: [DropoutDraw?] = []
    private var size = (steps: 0, batchSize: 0)
    private var outputs: Operand?
    private var parametersArePacked = false

    /// What only the way back needs.
    private struct Back {
        /// `[T·N, V]`: the gradient of the logits.
        let logits: Operand
        /// `[T·N, H]`: the gradient of one recurrent layer's outputs, then of those of the layer below.
        let outputs: Matrix
    }

    /// A network for passes of up to `steps` by `batchSize` over `parameters`, which it shares.
    package init(
        layers: RNNLayers, parameters: ParameterBuffer, steps: Int, batchSize: Int, training: Bool,
        precision: OperandPrecision = .float32, dropout: DropoutRates = DropoutRates(), on backend: any Backend
    ) {
        self.layers = layers
        self.parameters = parameters
        self.precision = precision
        self.backend = backend
        self.dropout = dropout
        maximum = (steps, batchSize)
        gradients = training ? ParameterBuffer(layout: layers.layout) : nil
        let size = PassSize(
            steps: steps, batchSize: batchSize, training: training, precision: precision,
            recurrentDropout: dropout.recurrent > 0)
        embeddingTape = layers.embedding?.makeTape(size)
        recurrent = layers.recurrent.enumerated().map { index, cell in
            let kind: CellInput.Kind =
                if index > 0 { .sequence } else if let embedding = layers.embedding {
                    .gathered(maximumRows: embedding.maximumRows(size))
                } else { .oneHot }
            return Recurrent(cell, size: size, input: kind, on: backend)
        }
        dropped =
            dropout.outputs > 0
            ? layers.recurrent.map { Operand(rows: size.rows, columns: $0.hiddenSize, precision: precision) } : []
        outputTape = layers.output.makeTape(size, on: backend)
        logitsMemory = Matrix(rows: size.rows, columns: layers.output.units)
        back = training
            ? Back(
                logits: Operand(rows: size.rows, columns: layers.output.units, precision: precision),
                outputs: Matrix(rows: size.rows, columns: layers.output.inputSize))
            : nil
        losses = Matrix(rows: 1, columns: size.rows)
    }

    /// A network for inference with the weights of `model`.
    package convenience init(_ model: RNNModel, steps: Int, batchSize: Int, on backend: any Backend) {
        self.init(
            layers: RNNLayers(model.configuration), parameters: model.parameterBuffer(), steps: steps,
            batchSize: batchSize, training: false, on: backend)
    }

    /// To be called when the parameters have changed.
    package func parametersChanged() { parametersArePacked = false }

    /// The logits `[T·N, V]` of the last pass; in training only until ``loss(targets:)``.
    package var logits: Matrix { logitsMemory[0..<size.steps * size.batchSize] }

    /// The zero state for `batchSize` sequences.
    package func zeroState(batchSize: Int) -> RNNState {
        RNNState(zeros: batchSize, configuration: layers.configuration)
    }

    /// Runs `tokens` `[T, N]` from `state`, which becomes the state after the last step.
    /// - Parameter random: where dropouts are drawn from; nil drops nothing.
    package func forward(
        tokens: [Int32], steps: Int, batchSize: Int, state: inout RNNState, dropouts random: RandomSource? = nil
    ) {
        precondition(
            1...maximum.steps ~= steps && 1...maximum.batchSize ~= batchSize && tokens.count == steps * batchSize,
            "\(tokens.count) tokens as [\(steps), \(batchSize)] in a network for \(maximum)")
        precondition(
            state.layers.count == recurrent.count, "state of \(state.layers.count) layers for \(recurrent.count)")
        if !parametersArePacked {
            for layer in recurrent { layer.prepare(parameters: parameters) }
            layers.output.prepare(outputTape, parameters: parameters, on: backend)
            parametersArePacked = true
        }
        size = (steps, batchSize)
        var input: CellInput =
            if let embedding = layers.embedding, let embeddingTape {
                embedding.forward(tokens, tape: embeddingTape, parameters: parameters, on: backend)
            } else { .oneHot(tokens: tokens) }
        inputs.removeAll(keepingCapacity: true)
        passes.removeAll(keepingCapacity: true)
        draws.removeAll(keepingCapacity: true)
        var random = random
        func draw(_ rate: Float) -> DropoutDraw? {
            rate > 0 ? random.map { _ in DropoutDraw(rate: rate, seed: random!.next()) } : nil
        }
        for (index, layer) in recurrent.enumerated() {
            inputs.append(input)
            passes.append(
                Recurrent.Pass(steps: steps, batchSize: batchSize, recurrentDropout: draw(dropout.recurrent)))
            draws.append(draw(dropout.outputs))
            var outputs = layer.forward(
                input, passes[index], state: &state.layers[index], parameters: parameters)
            if let draw = draws[index] {
                let kept = dropped[index][0..<outputs.rows]
                backend.dropout(draw, outputs, period: outputs.rows, into: kept)
                outputs = kept
            }
            input = .sequence(outputs)
            self.outputs = outputs
        }
        guard let outputs else { preconditionFailure("a network without layers") }
        layers.output.forward(outputs, into: logits, tape: outputTape, parameters: parameters, on: backend)
    }

    /// The sum over the last pass of each target's negative log-likelihood in nats, computed from the logits with their
    /// maximum subtracted. In training this overwrites the logits.
    package func loss(targets: [Int32]) -> Double {
        backend.measure(.loss) {
            backend.loss(
                .softmaxCrossEntropy, outputs: logits, targets: .classes(targets), weights: nil,
                scale: 1 / Float(targets.count), gradient: back?.logits[0..<targets.count], losses: losses, hits: nil)
            return losses.sum(count: targets.count)
        }
    }

    /// Goes back over the last pass after ``loss(targets:)``, once: overwrites ``gradients`` with those of the mean loss,
    /// to which `finalState` adds what a function of the final state asks for.
    package func backward(finalState: RNNState? = nil) {
        guard let gradients, let outputs, let back else {
            preconditionFailure("there is no pass to go back over")
        }
        let rows = size.steps * size.batchSize
        let outputGradient = back.outputs[0..<rows]
        layers.output.backward(
            inputs: outputs, outputGradient: back.logits[0..<rows], inputGradient: outputGradient, tape: outputTape,
            gradients: gradients, on: backend)
        for index in recurrent.indices.reversed() {
            if let draw = draws[index] {
                let gradient = Operand(outputGradient)
                backend.dropout(draw, gradient, period: gradient.rows, into: gradient)
            }
            let inputGradient: Matrix? =
                switch inputs[index] {
                case .oneHot: nil
                case .gathered(let rows, _): embeddingTape?.gradient[0..<rows.rows]
                case .sequence: outputGradient
                }
            recurrent[index].backward(
                inputs[index], passes[index], outputGradient: outputGradient, finalStateGradient: finalState?.layers[index],
                inputGradient: inputGradient, gradients: gradients)
        }
        if let embedding = layers.embedding, let embeddingTape {
            embedding.backward(tape: embeddingTape, gradients: gradients)
        }
    }

    /// The gradient of the state that the last pass began with, after ``backward(finalState:)``.
    package var initialStateGradient: RNNState {
        RNNState(layers: recurrent.map { $0.initialStateGradient(batchSize: size.batchSize) })
    }
}
