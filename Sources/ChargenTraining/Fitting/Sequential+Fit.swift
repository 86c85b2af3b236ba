import ChargenNN
import ChargenTensor

extension Sequential {
    /// Trains the model on examples, epoch by epoch.
    ///
    /// The last layer must give what the loss is made for: a `Dense` layer or activation of `softmax` for the
    /// categorical cross-entropies, of `sigmoid` for the binary one. The loss is then computed from the pre-activations,
    /// which is exact however certain the model is. Masked steps (`Embedding(maskZero: true)`) count neither in the loss
    /// nor in the accuracy. Sequences may differ in length: those of similar lengths are batched together.
    /// - Parameters:
    ///   - inputs: one for each example.
    ///   - targets: of the output's shape `[N, …]`; for the sparse cross-entropy the numbers of the classes, `[N]` (or
    ///     `[N, T]`, T being the length of the longest sequence).
    ///   - loss: what the training makes small.
    ///   - options: the options of the run.
    ///   - sampleWeight: the weight of each example's loss, `[N]` or `[N, 1]`, or of each of its steps, `[N, T]`. As in
    ///     Keras, weights are not normalized.
    ///   - classWeight: the weight of each class's loss; a class that is not mentioned has the weight 1.
    ///   - validation: examples to measure after each epoch.
    ///   - hooks: see ``TrainingHook``.
    /// - Returns: the metrics of each epoch.
    /// - Throws: ``TrainingError``, `LayerError` where shapes do not fit; what a hook throws.
    @discardableResult
    public func fit(
        _ inputs: LayerInput, _ targets: Tensor, loss: Loss, options: FitOptions = FitOptions(),
        sampleWeight: Tensor? = nil, classWeight: [Int: Float] = [:],
        validation: (inputs: LayerInput, targets: Tensor)? = nil, hooks: [any TrainingHook] = []
    ) throws -> [EpochMetrics] {
        let loop = try trainingLoop(
            inputs, targets, loss: loss, options: options, sampleWeight: sampleWeight, classWeight: classWeight,
            validation: validation)
        var history: [EpochMetrics] = []
        defer { loop.adoptModelWeights() }
        while !loop.isFinished && !loop.isStopped { history.append(try loop.trainEpoch(hooks: hooks)) }
        return history
    }

    /// The training loop that ``fit(_:_:loss:options:sampleWeight:classWeight:validation:hooks:)`` runs, for training in
    /// parts: its ``TrainingLoop/state`` can be kept and restored.
    /// - Throws: ``TrainingError``, `LayerError` where shapes do not fit.
    public func trainingLoop(
        _ inputs: LayerInput, _ targets: Tensor, loss: Loss, options: FitOptions = FitOptions(),
        sampleWeight: Tensor? = nil, classWeight: [Int: Float] = [:],
        validation: (inputs: LayerInput, targets: Tensor)? = nil
    ) throws -> TrainingLoop {
        try options.validate()
        let examples = try Examples(
            inputs, targets, loss, sampleWeight: sampleWeight, classWeight: classWeight, for: self)
        let others = try validation.map {
            try Examples($0.inputs, $0.targets, loss, sampleWeight: nil, classWeight: [:], for: self)
        }
        return try TrainingLoop(
            self, Supervised(examples, validation: others, loss: loss, options: options), options: options)
    }

    /// Measures the model on examples, without training.
    /// - Parameters: as those of ``fit(_:_:loss:options:sampleWeight:classWeight:validation:hooks:)``.
    /// - Throws: `LayerError` where shapes do not fit.
    public func evaluate(
        _ inputs: LayerInput, _ targets: Tensor, loss: Loss, sampleWeight: Tensor? = nil,
        classWeight: [Int: Float] = [:], batchSize: Int = 256
    ) throws -> LossTotals {
        let examples = try Examples(
            inputs, targets, loss, sampleWeight: sampleWeight, classWeight: classWeight, for: self)
        return try Supervised.evaluate(examples, loss, self, batchSize: max(1, batchSize), nil)
    }
}
