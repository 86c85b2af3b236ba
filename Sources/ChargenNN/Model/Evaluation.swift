import ChargenTensor

/// How well a model predicts a text.
public struct Evaluation: Sendable, Equatable {
    /// Characters that were predicted: all but the first.
    public let characters: Int
    /// Mean negative log-likelihood of a predicted character, in nats.
    public let loss: Double

    /// `exp(loss)`: among how many equally likely characters the model hesitates, on average.
    public var perplexity: Double { exponential(loss) }
    /// The loss in bits: what an ideal compressor would need for each character.
    public var bitsPerCharacter: Double { loss / 0.693_147_180_559_945_3 }

    /// `loss` nats for each of `characters`.
    public init(characters: Int, loss: Double) {
        self.characters = characters
        self.loss = loss
    }
}

/// Reads texts under a model as one stream, in float32, with the state carried from the first character to the last.
package struct Evaluator {
    private let network: RNNNetwork
    private let steps: Int

    /// An evaluator of the network's parameters as they are at each call.
    package init(layers: RNNLayers, parameters: ParameterBuffer, steps: Int = 256, on backend: any Backend) {
        self.steps = steps
        network = RNNNetwork(
            layers: layers, parameters: parameters, steps: steps, batchSize: 1, training: false, on: backend)
    }

    /// The loss of `tokens` (two or more) from the zero state; `progress` is told how many were read, and stops the
    /// reading by returning false.
    package func evaluate(_ tokens: [Int32], progress: (Int) -> Bool = { _ in true }) -> Evaluation? {
        precondition(tokens.count >= 2, "\(tokens.count) tokens predict nothing")
        network.parametersChanged()
        var state = network.zeroState(batchSize: 1)
        var sum = 0.0
        for start in stride(from: 0, to: tokens.count - 1, by: steps) {
            let end = min(start + steps, tokens.count - 1)
            network.forward(
                tokens: Array(tokens[start..<end]), steps: end - start, batchSize: 1, state: &state)
            sum += network.loss(targets: Array(tokens[start + 1...end]))
            if !progress(end) { return nil }
        }
        return Evaluation(characters: tokens.count - 1, loss: sum / Double(tokens.count - 1))
    }
}

extension RNNModel {
    /// The loss of `tokens`, read one by one as sampling reads them, with the weights in `precision`: what rounding the
    /// weights costs is the difference to ``evaluate(_:threads:progress:)``.
    /// - Returns: nil where `progress` ended it.
    /// - Throws: ``BackendError``. Traps for fewer than two tokens.
    public func evaluate(
        _ tokens: [Int32], precision: StreamPrecision, threads: Int? = nil, progress: (Int) -> Bool = { _ in true }
    ) throws -> Evaluation? {
        precondition(tokens.count >= 2, "\(tokens.count) tokens predict nothing")
        let backend = try CPUBackend(threads: threads)
        let streams = makeStreams(count: 1, precision: precision, on: backend)
        let losses = Matrix(rows: 1, columns: 1)
        var sum = 0.0
        for index in 0..<tokens.count - 1 {
            streams.step([tokens[index]])
            backend.loss(
                .softmaxCrossEntropy, outputs: streams.logits, targets: .classes([tokens[index + 1]]), weights: nil, scale: 1,
                gradient: nil, losses: losses, hits: nil)
            sum += losses.sum(count: 1)
            if index % 256 == 255 && !progress(index + 1) { return nil }
        }
        return Evaluation(characters: tokens.count - 1, loss: sum / Double(tokens.count - 1))
    }

    /// The loss of `tokens`, read as one stream from the zero state.
    /// - Parameter progress: is told now and then how many tokens were read; returning false ends the reading.
    /// - Returns: nil where `progress` ended it.
    /// - Throws: ``BackendError``. Traps for fewer than two tokens.
    public func evaluate(
        _ tokens: [Int32], threads: Int? = nil, progress: (Int) -> Bool = { _ in true }
    ) throws -> Evaluation? {
        let evaluator = Evaluator(
            layers: RNNLayers(configuration), parameters: parameterBuffer(), on: try CPUBackend(threads: threads))
        return evaluator.evaluate(tokens, progress: progress)
    }
}
