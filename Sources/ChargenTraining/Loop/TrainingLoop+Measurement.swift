import ChargenNN
import ChargenTensor

// MARK: - Measurements

extension TrainingLoop {
    /// The share of the training that validation within epochs may cost, and how many predictions can be read in the time of
    /// one that is trained.
    static let validationShare = 0.05, readingSpeed = 3.0
    /// The fewest predictions that are worth reading.
    static let leastSample = 4096
    /// The predictions that are read to measure the time of an exact figure, and the share of the time that it may take.
    private static let timedCount = 512
    static let exactShare = 0.1

    /// Whether a measurement within the epoch is due.
    var isMeasurementDue: Bool {
        guard clock != nil else { return length.isMeasured(after: epochStep) }
        return Int(current.share * Double(options.measurements)) > current.measuredParts
    }

    /// Measures the steps since the last measurement, or at the end of an epoch those of the epoch, and the validation data
    /// where that is due.
    func measure(isEpochEnd: Bool, _ hooks: [any TrainingHook]) throws -> EpochMetrics {
        let isComplete = !isEpochEnd || isAtEnd
        let sums = isEpochEnd
            ? .init(totals: current.totals, norms: current.norms, steps: epochStep, seconds: current.epochSeconds)
            : current.recent
        var metrics = EpochMetrics(
            epoch: epoch, step: step, characters: current.predictions, seconds: current.seconds,
            trainLoss: sums.totals.loss, accuracy: sums.totals.accuracy, learningRate: learningRate(at: step - 1),
            gradientNorm: sums.norms / Double(max(1, sums.steps)),
            charactersPerSecond: Double(sums.totals.count) / max(sums.seconds, 1e-9), isComplete: isComplete,
            isEpochEnd: isEpochEnd)
        current.metrics = metrics
        guard isComplete else { return metrics }
        current.measuredParts = Int(current.share * Double(options.measurements))
        current.validationBudget += Double(current.recent.totals.count) * Self.validationShare * Self.readingSpeed
        current.recent = .init()
        let batch = current.batch
        do {
            if !isStopped { try validate(&metrics, hooks) }
            if isEpochEnd { current.batch = 0 }
        } catch let error as CancellationError {
            // The next call has no step left, and validates.
            current.batch = batch
            throw error
        } catch {
            if isEpochEnd { current.batch = 0 }
            throw error
        }
        return metrics
    }

    /// Measures the validation data where there is any and it is due.
    private func validate(_ metrics: inout EpochMetrics, _ hooks: [any TrainingHook]) throws {
        guard !isAtRunEnd else { return try conclude(&metrics, hooks) }
        guard objective.validationCount > 0 else { return }
        try settleReading()
        let sample = sampleCount, all = objective.validationCount
        // An epoch's end is always measured as a whole, unless the clock is the measure.
        let isWhole = metrics.isEpochEnd && (clock == nil || current.validationBudget >= Double(all))
        guard isWhole || current.validationBudget >= Double(sample) else { return }
        current.validationBudget = 0
        guard let totals = try read(isWhole ? .estimate : .sample(sample), metrics, hooks) else { return }
        metrics.validationLoss = totals.loss
        metrics.validationAccuracy = totals.accuracy
        let compared = isWhole && sample < all ? try read(.sample(sample), metrics, hooks) ?? totals : totals
        try compare(compared.loss, metrics)
        for hook in hooks { try hook.validationFinished(self, totals) }
        // A hook may have ended the run. Within an epoch, its end follows.
        if isAtRunEnd && metrics.isEpochEnd { try conclude(&metrics, hooks, isCompared: true) }
    }

    /// Takes the last measurement of the run: settles which weights the model has, and measures them exactly.
    /// - Parameter isCompared: whether the last weights were compared with the best ones.
    func conclude(_ metrics: inout EpochMetrics, _ hooks: [any TrainingHook], isCompared: Bool = false) throws {
        if clock != nil { try settleReading() }
        var isCompared = isCompared || objective.validationCount == 0
        let samples = sampleCount < objective.validationCount
        if !isCompared, samples || options.keep == .best {
            if let totals = try read(samples ? .sample(sampleCount) : .estimate, metrics, hooks) {
                metrics.validationLoss = totals.loss
                try compare(totals.loss, metrics)
            }
            isCompared = true
        }
        adoptModelWeights()
        let isExact = isExactAffordable
        if let totals = try read(isExact ? .exact : .estimate, metrics, hooks) {
            metrics.validationLoss = totals.loss
            metrics.validationAccuracy = totals.accuracy
            metrics.validationIsExact = isExact
            current.metrics = metrics
            if !isCompared { try compare(totals.loss, metrics) }
            if current.best?.step == metrics.step { current.best = metrics }
            for hook in hooks { try hook.validationFinished(self, totals) }
        }
        if let test = try objective.test(network, precision: precisionOfProducts, isExact ? .exact : .estimate) {
            metrics.testLoss = test.loss
            metrics.testIsExact = isExact
        }
        current.metrics = metrics
        current.isConcluded = true
    }

    /// Reads validation data with the weights that the model would have now. A loss that is not finite is divergence: the loss
    /// is then that of the last good state.
    private func read(
        _ extent: ReadingExtent, _ metrics: EpochMetrics, _ hooks: [any TrainingHook]
    ) throws -> LossTotals? {
        while true {
            let totals = try withCurrentWeights {
                try objective.validate(network, precision: precisionOfProducts, extent)
            }
            guard let totals, !totals.loss.isFinite else { return totals }
            try recover(step, hooks)
        }
    }

    /// Compares the loss with the lowest one, and keeps the weights where they are the best.
    private func compare(_ loss: Double, _ metrics: EpochMetrics) throws {
        current.comparedLoss = loss
        current.validationLosses.append(loss)
        current.metrics = metrics
        guard loss < current.bestLoss ?? .infinity else { return }
        (current.bestLoss, current.best) = (loss, metrics)
        if let bestWeights { network.backend.copy(currentParameters.flat, into: bestWeights.flat) }
    }
}

// MARK: - The cost of reading

extension TrainingLoop {
    /// The predictions that are read within epochs.
    private var sampleCount: Int { current.sampleCount ?? objective.validationCount }

    /// Whether the final figures are exact: always, unless the clock is the measure and they would take too long.
    private var isExactAffordable: Bool {
        guard let clock, objective.validationCount + objective.testCount > 0 else { return true }
        return exactSeconds > 0 && exactSeconds <= Self.exactShare * clock.seconds
    }

    /// Settles how much is read within epochs, once; by the clock, measures how long the final figures take.
    private func settleReading() throws {
        guard current.sampleCount == nil || clock?.finalSeconds == 0 else { return }
        let all = objective.validationCount
        if current.sampleCount == nil {
            let run = length.steps.map { Double($0) / Double(length.stepsPerEpoch) * Double(objective.trainingCount) }
                ?? Double(current.predictions) / max(current.share, 1 / Double(options.measurements))
            let affordable = run / Double(options.measurements) * Self.validationShare * Self.readingSpeed
            current.sampleCount = objective.samplesValidation
                ? min(all, max(Self.leastSample, Int(min(affordable, Double(all))))) : all
        }
        guard clock != nil, all > 0 else { return }
        func read() throws -> Double {
            let start = options.now()
            _ = try withCurrentWeights {
                try objective.validate(network, precision: precisionOfProducts, .start(Self.timedCount))
            }
            return (options.now() - start).inSeconds
        }
        // The first reading also prepares the weights.
        _ = try read()
        let count = Double(all + objective.testCount)
        exactSeconds = try read() * count / Double(min(Self.timedCount, all))
        // Streams side by side are read in a fixed share of the time of training. The weights are compared by a sample, and
        // then measured.
        let estimate = current.seconds / Double(max(1, current.predictions)) / Self.readingSpeed
        let last = (isExactAffordable ? exactSeconds : estimate * count) + 2 * estimate * Double(sampleCount)
        clock?.reserve(last)
    }
}

// MARK: - The weights of the model

extension TrainingLoop {
    /// The parameters that would be the model's if the run ended here, without regard to the best ones.
    private var currentParameters: ParameterBuffer {
        if let average, current.averageWeight > 0, !current.isConcluded { average.buffer } else { network.parameters }
    }

    /// The parameters of the model as it is now: the best ones where they are kept, the averages where there are any, else
    /// those that are trained.
    package var modelParameters: ParameterBuffer {
        if let bestWeights, current.bestLoss != nil, !current.isConcluded { bestWeights } else { currentParameters }
    }

    /// Runs `body` while the network computes with the averages, where there are any.
    func withCurrentWeights<Result>(_ body: () throws -> Result) rethrows -> Result {
        guard average != nil, current.averageWeight > 0, !current.isConcluded else { return try body() }
        network.exchangeParameters(with: &average!.buffer)
        defer { network.exchangeParameters(with: &average!.buffer) }
        return try body()
    }

    /// Gives the network the weights of the model, at the end of the run.
    func adoptModelWeights() {
        let parameters = modelParameters
        guard !current.isConcluded, parameters.flat.storage !== network.parameters.flat.storage else { return }
        network.backend.copy(parameters.flat, into: network.parameters.flat)
        if let average { network.backend.copy(parameters.flat, into: average.buffer.flat) }
        network.parametersChanged()
    }
}
