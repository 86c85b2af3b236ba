import ChargenNN
import ChargenTensor

// MARK: - The speed of a run

/// How many predictions this machine learns from in a second, and how many it reads.
struct TrainingSpeed: Sendable {
    /// Predictions of steps: forward and backward passes, optimizer, averages.
    let training: Double
    /// Predictions of held-out text that are read for an estimate, and for an exact figure; infinite without such text.
    let estimate: Double, exact: Double
}

extension TrainingLoop {
    /// Predictions that are read to measure the speed of reading.
    private static let estimatedCount = 16_384, exactCount = 1024

    /// Measures the speed of the run by some of its steps, and then goes back to the present state.
    /// - Parameter seconds: the shortest time of the steps.
    /// - Throws: ``TrainingError/diverged(epoch:step:learningRate:)``, `CancellationError`.
    func measureSpeed(seconds: Double) throws -> TrainingSpeed {
        let before = state
        let speed = Result { try takeMeasuredSteps(seconds) }
        try restore(before)
        return try speed.get()
    }

    private func takeMeasuredSteps(_ seconds: Double) throws -> TrainingSpeed {
        // The first step allocates memory and packs kernels.
        try takeAnyStep()
        let (predictions, start) = (current.predictions, current.seconds)
        repeat { try takeAnyStep() } while current.seconds - start < seconds
        return TrainingSpeed(
            training: Double(current.predictions - predictions) / max(current.seconds - start, 1e-9),
            estimate: try readingSpeed(.sample(Self.estimatedCount), Self.estimatedCount),
            exact: try readingSpeed(.start(Self.exactCount), Self.exactCount))
    }

    /// Takes the next step, in the next epoch where this one has none left.
    private func takeAnyStep() throws {
        if epochStep >= length.stepsPerEpoch { current.batch = 0 }
        if current.batch == 0 { startEpoch() }
        try takeStep([])
    }

    private func readingSpeed(_ extent: ReadingExtent, _ count: Int) throws -> Double {
        guard objective.validationCount > 0 else { return .infinity }
        // The first reading packs kernels.
        _ = try objective.validate(network, precision: precisionOfProducts, extent)
        let start = options.now()
        _ = try objective.validate(network, precision: precisionOfProducts, extent)
        return Double(min(count, objective.validationCount)) / max((options.now() - start).inSeconds, 1e-9)
    }

    /// Predictions of held-out text that a run reads for estimates, about, where it learns from `trained` predictions.
    func estimatedReadings(trained: Double) -> Double {
        let all = Double(objective.validationCount), epochs = trained / Double(max(1, objective.trainingCount))
        let ends = max(0, epochs.rounded(.up) - 1), within = max(0, Double(options.measurements) - ends)
        let sample = min(all, max(Double(Self.leastSample), within / Double(options.measurements) * affordable(trained)))
        return (options.time == nil ? ends * all : 0) + min(within * sample, affordable(trained))
    }

    /// Predictions that can be read in the share of the time of training that validation may cost.
    private func affordable(_ trained: Double) -> Double { trained * Self.validationShare * Self.readingSpeed }
}
