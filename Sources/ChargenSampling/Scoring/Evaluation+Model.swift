import ChargenDevice
import ChargenNN
import ChargenTensor

extension RNNModel {
    /// The loss of `tokens`, read as one stream from the zero state.
    /// - Parameters:
    ///   - tokens: the text, two tokens or more.
    ///   - precision: the precision of the weights. Other precisions than float32 are those of sampling: the difference
    ///     is the cost of rounding the weights.
    ///   - device: the device that computes.
    ///   - progress: receives now and then how many tokens were read; returning false ends the reading.
    /// - Returns: nil where `progress` ended it.
    /// - Throws: `BackendError`; `LayerError.unknownToken`; `LayerError.wrongShape` for fewer than two tokens, which predict
    ///   nothing; `CancellationError` where the current task is cancelled.
    public func evaluate(
        _ tokens: [Int32], precision: StreamPrecision = .float32, device: Device = .default,
        progress: (Int) -> Bool = { _ in true }
    ) throws -> Evaluation? {
        guard tokens.count >= 2 else {
            throw LayerError.wrongShape(what: "the tokens", found: [tokens.count], expected: [2])
        }
        // The last token is predicted but not read, so that no layer checks it.
        try configuration.check(tokens)
        guard precision != .float32 else {
            return try preparedNetwork(device).withNetwork { network in
                try TextEvaluator.loss(of: tokens, under: network, progress: progress).map {
                    Evaluation(characters: $0.count, loss: $0.loss)
                }
            }
        }
        // Token by token, as sampling reads.
        let decoder = try TokenDecoder(self, precision: precision, device: device)
        _ = try decoder.join()
        var logits = [Float](repeating: 0, count: configuration.vocabularySize), sum = 0.0
        for (index, token) in tokens.dropLast().enumerated() {
            decoder.advance([token])
            decoder.copyLogits(ofRow: 0, to: &logits)
            let right = logits[Int(tokens[index + 1])] - (logits.max() ?? 0)
            sum += naturalLogarithm(Double(decoder.backend.softmaxWeights(of: &logits))) - Double(right)
            guard (index + 1) % 256 == 0 else { continue }
            try Task.checkCancellation()
            if !progress(index + 1) { return nil }
        }
        return progress(tokens.count - 1) ? Evaluation(characters: tokens.count - 1, loss: sum / Double(tokens.count - 1)) : nil
    }
}
