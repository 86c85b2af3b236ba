import Chargen

extension TrainingRun {
    /// Reports what the run would need, instead of running: memory and time.
    func rehearse() throws {
        let countsBaseline = !command.noBaseline
        // Shown first: the measurement of the time needs the memory.
        if !command.quiet { showPlanLine("memory", trainer.tokens.memory(countsBaseline: countsBaseline).summary) }
        let estimate = try trainer.tokens.estimate(countsBaseline: countsBaseline)
        if !command.quiet {
            showPlanLine("time", estimate.summary(isLimited: command.time != nil))
            terminal.write("nothing was trained or saved\n")
        }
        if command.json { try JSONOutput.write(DryRunReport(self, estimate)) }
    }
}

extension MemoryEstimate {
    /// The sizes in a line of the plan.
    fileprivate var summary: String {
        let parts = [
            ("parameters", parameters), ("gradients", gradients), ("optimizer", optimizer), ("copies", copies),
            ("packed kernels", packedKernels), ("activations", activations), ("text", tokens),
        ]
        var text = "\(Numbers.bytes(peak)) at most: "
            + parts.filter { $1 > 0 }.map { "\($0) \(Numbers.bytes($1))" }.joined(separator: ", ")
        if counting > 0 { text += "; before the training, counting \(Numbers.bytes(counting))" }
        return text
    }
}

extension RunEstimate {
    /// The time in a line of the plan.
    /// - Parameter isLimited: whether the user limited the time.
    fileprivate func summary(isLimited: Bool) -> String {
        var parts = ["training \(Numbers.duration(trainingSeconds))"]
        if readingSeconds >= 0.5 { parts.append("validation \(Numbers.duration(readingSeconds))") }
        if countingSeconds >= 0.5 { parts.append("counting \(Numbers.duration(countingSeconds))") }
        return "about \(Numbers.duration(seconds)): " + parts.joined(separator: ", ")
            + "; \(Numbers.fixed(charactersPerSecond, 0)) characters/s"
            + (isLimited ? ", so that there is time for about \(Numbers.fixed(epochs, 1)) epochs" : "")
    }
}

/// What `chargen train --dry-run --json` prints: the plan, the memory in bytes, the time in seconds.
private struct DryRunReport: Encodable {
    private let characters: Int, distinctCharacters: Int
    private let trainingCharacters: Int, validationCharacters: Int, testCharacters: Int
    private let model: RNNConfiguration
    private let parameters: Int
    private let dropout: Double
    private let batchSize: Int, steps: Int
    private let optimizer: String
    private let learningRate: Double
    private let reasons: [String]
    private let epochs: Double
    private let seconds: Double, trainingSeconds: Double, readingSeconds: Double, countingSeconds: Double
    private let charactersPerSecond: Double
    private let memory: MemoryEstimate

    init(_ run: TrainingRun, _ estimate: RunEstimate) {
        let plan = run.trainer.tokens.plan
        characters = run.corpus.characterCount
        distinctCharacters = run.corpus.distinctCharacters
        trainingCharacters = plan.trainingCharacters
        validationCharacters = plan.validationCharacters
        testCharacters = plan.testCharacters
        model = run.trainer.tokens.configuration
        parameters = run.trainer.parameterCount
        dropout = plan.dropout
        batchSize = plan.batchSize
        steps = plan.steps
        optimizer = plan.optimizer.rawValue
        learningRate = plan.learningRate
        reasons = plan.reasons
        epochs = estimate.epochs
        seconds = estimate.seconds
        trainingSeconds = estimate.trainingSeconds
        readingSeconds = estimate.readingSeconds
        countingSeconds = estimate.countingSeconds
        charactersPerSecond = estimate.charactersPerSecond
        memory = estimate.memory
    }
}
