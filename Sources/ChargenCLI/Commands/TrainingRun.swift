import ArgumentParser
import Chargen

/// One run of `chargen train`.
struct TrainingRun {
    private let command: TrainCommand
    private let terminal = Terminal.standardError
    private let corpus: Corpus
    private let trainer: Trainer
    private let vectors: PretrainedVectors?
    private let prefixes: [String]
    private let sampleEvery: Int
    private var display: TrainingDisplay
    private var sinks: [any MetricSink] = []
    private let clock = ContinuousClock()
    private var lastSave: ContinuousClock.Instant

    /// Long runs are saved this often, so that a crash loses little.
    private static let saveInterval = Duration.seconds(60)

    /// Everything that can go wrong before the first step goes wrong here.
    init(_ command: TrainCommand) throws {
        self.command = command
        if let every = command.sampleEvery, every < 0 {
            throw TrainingError.outOfRange(option: "sample-every", value: "\(every)", allowed: "0 (never) or more")
        }
        guard command.length >= 0 else {
            throw SamplingError.outOfRange(option: "length", value: "\(command.length)", allowed: "0 or more")
        }
        // Options first: a wrong one should not have to wait for a large corpus.
        try command.options.validate()
        corpus = try command.corpus.read()
        if command.embeddings != nil, let size = command.embedding.size {
            throw TrainingError.outOfRange(
                option: "embedding", value: "\(size)", allowed: "--embeddings alone: the file says how many numbers")
        }
        let vectors = command.embeddings.map { PretrainedVectors(path: $0, seed: command.seed, quiet: command.quiet) }
        trainer = try Trainer(
            text: corpus.text, lineBreaks: command.corpus.newlines, options: command.options,
            embeddings: { vocabulary in try vectors?.table(for: vocabulary.characters.map { String($0) }) })
        self.vectors = vectors
        prefixes = command.prefix.isEmpty ? [""] : command.prefix
        let model = trainer.model
        for prefix in prefixes { _ = try model.encode(prefix) }
        try Self.checkOutputs(of: command)
        sampleEvery = command.sampleEvery ?? max(1, trainer.plan.epochs / 10)
        display = TrainingDisplay(terminal: terminal, epochs: trainer.plan.epochs, quiet: command.quiet)
        if let path = command.metrics { sinks.append(JSONLinesSink(write: try FileWriter(path: path).write)) }
        lastSave = clock.now
    }

    /// Makes sure that the outputs can be written and are not each other, nor the text that is learned from.
    private static func checkOutputs(of command: TrainCommand) throws {
        try AtomicFile.checkWritable(command.output)
        for path in [command.output] + (command.metrics.map { [$0] } ?? []) {
            if WholeFile.isSame(path, command.corpus.corpus) {
                throw FileError.cannotCreate(path: path, reason: "it is the text to learn from")
            }
            if let embeddings = command.embeddings, WholeFile.isSame(path, embeddings) {
                throw FileError.cannotCreate(path: path, reason: "it holds the vectors to begin with")
            }
        }
        if let metrics = command.metrics, metrics == command.output || WholeFile.isSame(metrics, command.output) {
            throw FileError.cannotCreate(path: metrics, reason: "the model goes there")
        }
    }

    /// Trains, shows, saves.
    mutating func execute() throws {
        let interruption = Interruption()
        if !command.quiet { showPlan() }
        while !trainer.isFinished {
            let metrics = try trainer.trainEpoch { progress in
                display.record(progress)
                saveNowAndThen()
                return !interruption.isRequested
            }
            display.record(metrics)
            do {
                for index in sinks.indices { try sinks[index].record(metrics) }
            } catch {
                // Metrics that cannot be written end the run, but not what was learned.
                try save()
                throw error
            }
            if interruption.isRequested { return try finishInterrupted(exitCode: interruption.exitCode) }
            try showSamples(metrics)
        }
        try save()
        try finish()
    }

    /// The model as it is now.
    private var modelFile: ModelFile { ModelFile(model: trainer.model, training: trainer.record) }

    private func save() throws {
        let file = modelFile
        try SavedElsewhere.save(to: command.output) { try file.write(to: $0) }
    }

    /// A save in between that fails is only said: the run goes on, and tries again.
    private mutating func saveNowAndThen() {
        guard clock.now - lastSave >= Self.saveInterval else { return }
        lastSave = clock.now
        do {
            try modelFile.write(to: command.output)
        } catch {
            display.write("warning: \(ExitStatus.message(for: error)); training goes on")
        }
    }

    private mutating func finishInterrupted(exitCode: Int32) throws {
        try save()
        display.write(
            "interrupted in epoch \(trainer.epoch) of \(trainer.plan.epochs), after \(trainer.step) steps; "
                + "saved \(command.output)")
        try printSummary()
        throw ExitCode(exitCode)
    }
}

// MARK: - What is shown

extension TrainingRun {
    private func showPlan() {
        let plan = trainer.plan
        let members = corpus.members.count == 1 ? "1 text" : "\(Numbers.grouped(corpus.members.count)) texts"
        var corpusLine = "\(command.corpus.corpus), \(members), \(Numbers.grouped(corpus.text.count)) characters, "
            + "\(Numbers.grouped(corpus.distinctCharacters)) distinct"
        if plan.validationCharacters > 0 {
            corpusLine += "; the last \(Numbers.grouped(plan.validationCharacters)) kept for validation"
        }
        var lines = [("corpus", corpusLine)]
        if !corpus.skipped.isEmpty {
            let names = corpus.skipped.prefix(3).joined(separator: ", ")
            lines.append(("skipped", "\(corpus.skipped.count) that are no texts: \(names)"))
        }
        if let report = vectors?.report { lines.append(("vectors", report)) }
        let options = command.options
        lines += [
            ("model", trainer.configuration.summary + ", \(Numbers.grouped(trainer.parameterCount)) parameters"),
            ("training", "\(Numbers.grouped(plan.epochs)) epochs, \(options.batching.rawValue) batches of "
                + "\(plan.batchSize) × \(plan.steps), \(options.optimizer.rawValue), learning rate \(plan.learningRate)"),
        ]
        for (name, text) in lines {
            terminal.write(terminal.bold(name) + String(repeating: " ", count: 10 - name.count) + text + "\n")
        }
    }

    private mutating func showSamples(_ metrics: EpochMetrics) throws {
        guard !command.quiet, sampleEvery > 0, command.length > 0,
            metrics.epoch % sampleEvery == 0 || trainer.isFinished
        else { return }
        display.show(metrics)
        let model = trainer.model
        for prefix in prefixes {
            let text = try model.generate(prefix: prefix, length: command.length, seed: command.seed)
            for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
                display.write(terminal.faint("  │ ") + line)
            }
        }
    }

    private mutating func finish() throws {
        guard let metrics = trainer.metrics else { return }
        if !command.quiet {
            var text = "done in \(Numbers.duration(metrics.seconds)): perplexity \(Numbers.perplexity(metrics.perplexity))"
            if let loss = metrics.validationLoss { text += ", validation loss \(Numbers.fixed(loss, 4))" }
            display.write(text + "; saved \(command.output)")
            if let best = display.best, best.epoch < metrics.epoch, let loss = best.validationLoss {
                display.write(
                    "the validation loss was lowest, \(Numbers.fixed(loss, 4)), in epoch \(best.epoch); "
                        + "after that the model learned its own text by heart")
            }
            let model = command.output == defaultModelPath ? "" : " \(command.output)"
            let prefix = command.prefix.first ?? trainer.suggestedPrefix
            display.write("try: chargen sample\(model)" + (prefix.isEmpty ? "" : " --prefix \"\(prefix)\""))
        }
        try printSummary()
    }

    private func printSummary() throws {
        guard command.json, let metrics = trainer.metrics else { return }
        try JSONOutput.write(TrainingSummary(model: command.output, metrics: metrics))
    }
}

extension Trainer {
    /// A character to begin with: the likeliest after a line break that can be typed.
    fileprivate var suggestedPrefix: String {
        let text = (try? model.generate(length: 8, options: SamplingOptions(greedy: true), seed: 0)) ?? ""
        return text.first { $0.isLetter }.map { String($0) } ?? ""
    }
}

/// The last line of `chargen train --json`: the last epoch's metrics and where the model is.
private struct TrainingSummary: Encodable {
    let model: String
    let metrics: EpochMetrics

    private enum CodingKeys: String, CodingKey { case model }

    func encode(to encoder: any Encoder) throws {
        try metrics.encode(to: encoder)
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(model, forKey: .model)
    }
}
