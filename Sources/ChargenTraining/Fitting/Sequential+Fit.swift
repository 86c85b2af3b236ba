import ChargenNN
import ChargenTensor

extension Sequential {
    /// Learns from examples, epoch by epoch.
    ///
    /// The last layer must give what the loss is made for: a ``Dense`` layer or activation of `softmax` for the
    /// categorical cross-entropies, of `sigmoid` for the binary one. The gradient is then taken by the sums before it,
    /// which is exact however sure of itself the model is.
    /// - Parameters:
    ///   - inputs: one for each example.
    ///   - targets: of the output's shape `[N, …]`; for the sparse cross-entropy the classes' numbers `[N]` (or `[N, T]`).
    ///   - validation: examples to measure on after each epoch.
    ///   - onEpoch: is told of each epoch; returning false ends the fit.
    ///   - onStep: is told how it goes after every step; returning false ends the fit there, with an epoch that was not
    ///     gone through.
    /// - Throws: ``TrainingError``, `LayerError` where shapes do not fit.
    @discardableResult
    public func fit(
        _ inputs: LayerInput, _ targets: Tensor, loss: Loss, options: FitOptions = FitOptions(),
        validation: (inputs: LayerInput, targets: Tensor)? = nil,
        onEpoch: (History.Epoch) throws -> Bool = { _ in true }, onStep: (FitProgress) -> Bool = { _ in true }
    ) throws -> History {
        try options.validate()
        try check(inputs, targets, loss)
        if let validation { try check(validation.inputs, validation.targets, loss) }
        var fitting = Fitting(self, loss: loss, options: options, examples: inputs.count)
        var history = History()
        var random = RandomSource(seed: options.seed, stream: 1)
        let clock = ContinuousClock(), beginning = clock.now
        var goesOn = true
        for number in 1...options.epochs {
            let start = clock.now
            var order = Array(0..<inputs.count)
            if options.shuffle { order.shuffleReproducibly(using: &random) }
            var total = FitTotals()
            for first in stride(from: 0, to: order.count, by: options.batchSize) {
                let rows = Array(order[first..<min(first + options.batchSize, order.count)])
                total.add(try fitting.learn(inputs.rows(rows), targets.rows(rows), epoch: number))
                let done = Double((number - 1) * order.count + first + rows.count)
                let left = Double(options.epochs * order.count) - done
                goesOn = onStep(
                    FitProgress(
                        epoch: number, epochs: options.epochs, share: done / (done + left), loss: total.loss,
                        secondsLeft: (clock.now - beginning).inSeconds / done * left))
                if !goesOn { break }
            }
            let measured = try !goesOn ? nil : validation.map { try evaluate($0.inputs, $0.targets, loss: loss) }
            let epoch = History.Epoch(
                number: number, loss: total.loss, accuracy: total.accuracy, validationLoss: measured?.loss,
                validationAccuracy: measured?.accuracy, seconds: (clock.now - start).inSeconds)
            history.epochs.append(epoch)
            if try !onEpoch(epoch) || !goesOn { break }
        }
        return history
    }

    /// What the model makes of examples, without learning from them.
    /// - Throws: `LayerError` where shapes do not fit.
    public func evaluate(
        _ inputs: LayerInput, _ targets: Tensor, loss: Loss, batchSize: Int = 256
    ) throws -> FitEvaluation {
        try check(inputs, targets, loss)
        var total = FitTotals()
        try inBatches(inputs, of: batchSize) { rows, output in
            total.add(try FitTotals(output, targets.rows(rows), loss, gradient: nil))
        }
        return FitEvaluation(loss: total.loss, accuracy: total.accuracy)
    }

    /// The outputs for `inputs`, one for each example.
    /// - Throws: `LayerError` where shapes do not fit.
    public func predict(_ inputs: LayerInput, batchSize: Int = 256) throws -> Tensor {
        var values: [Float] = [], shape: [Int] = []
        try inBatches(inputs, of: batchSize) { _, output in
            let tensor = try tensor(of: output)
            values += tensor.values
            shape = tensor.shape
        }
        return Tensor(shape: [inputs.count] + shape.dropFirst(), values: values)
    }

    private func inBatches(
        _ inputs: LayerInput, of size: Int, _ body: ([Int], Signal) throws -> Void
    ) throws {
        guard inputs.count > 0 else { throw LayerError.mismatched("there are no examples") }
        for first in stride(from: 0, to: inputs.count, by: max(1, size)) {
            let rows = Array(first..<min(first + max(1, size), inputs.count))
            let signal = try signal(of: skippingPadding(inputs.rows(rows)))
            try body(rows, try forward(signal, training: false, gradients: false))
        }
    }

    /// Whether inputs, targets and loss go together with the model.
    private func check(_ inputs: LayerInput, _ targets: Tensor, _ loss: Loss) throws {
        guard inputs.count > 0, targets.shape.first == inputs.count else {
            throw LayerError.wrongShape(what: "the targets", found: targets.shape, expected: [inputs.count, nil])
        }
        guard !isTimeMajor else {
            throw LayerError.mismatched("a time-major model cannot be fitted: examples must come first")
        }
        guard let needed = loss.activation, outputActivation != needed else { return }
        throw LayerError.mismatched(
            "\(loss.rawValue) is the loss of a \(needed.rawValue)'s outputs: end the model with that activation")
    }

    /// `inputs` without the steps that are padding in all of them, where the model passes over padding anyway: states go
    /// over such steps unchanged.
    func skippingPadding(_ inputs: LayerInput) -> LayerInput {
        guard case .tokens(let tokens, let count) = inputs, (layers.first as? Embedding)?.maskZero == true,
            active.last?.output.hasTime == false
        else { return inputs }
        let width = tokens.count / max(count, 1)
        let kept = (0..<width).filter { step in (0..<count).contains { tokens[$0 * width + step] != 0 } }
        guard kept.count < width, !kept.isEmpty else { return inputs }
        return .tokens((0..<count).flatMap { row in kept.map { tokens[row * width + $0] } }, count: count)
    }
}
