import ArgumentParser
import Chargen

/// One run of `chargen train`.
struct TrainingRun {
    let command: TrainCommand
    let terminal = Terminal.standardError
    let corpus: Corpus
    let trainer: Trainer
    private let vectors: PretrainedVectors?
    private let prefixes: [String]
    private let display: TrainingDisplay
    private let saving: SavingHook
    private let metricsFile: FileWriter?
    private var hooks: [any TrainingHook]

    /// Reads the input and checks all arguments, so that their errors are reported before the training starts.
    init(_ command: TrainCommand) throws {
        self.command = command
        if let every = command.sampleEvery, every < 0 {
            throw TrainingError.outOfRange(option: "sample-every", value: "\(every)", allowed: "0 (never) or more")
        }
        guard command.length >= 0 else {
            throw SamplingError.outOfRange(option: "length", value: "\(command.length)", allowed: "0 or more")
        }
        // Check the options first, so that their errors are reported before a large corpus is read.
        try command.options.validate()
        corpus = try command.corpus.read()
        if command.embeddings != nil, let size = command.embedding.size {
            throw TrainingError.outOfRange(
                option: "embedding", value: "\(size)", allowed: "--embeddings without it: the file determines the size")
        }
        let vectors = command.embeddings.map { PretrainedVectors(path: $0, seed: command.seed, quiet: command.quiet) }
        trainer = try Trainer(
            text: corpus.text, lineBreaks: command.corpus.newlines, options: command.options,
            embeddings: { vocabulary in try vectors?.table(for: vocabulary.characters.map { String($0) }) })
        if trainer.tokens.plan.validationCharacters == 0 { try Self.checkOptionsOfValidation(command) }
        self.vectors = vectors
        prefixes = command.prefix.isEmpty ? [""] : command.prefix
        let model = trainer.model
        for prefix in prefixes { _ = try model.encode(prefix) }
        try Self.checkOutputs(of: command)
        let display = TrainingDisplay(.text(trainer.loop.epochs), terminal: terminal, quiet: command.quiet)
        self.display = display
        saving = SavingHook(path: command.output, display: display) { [trainer] path in
            try trainer.model.save(to: path)
        }
        hooks = [display, saving]
        if let metrics = command.metrics, command.dryRun { try AtomicFile.checkWritable(metrics) }
        metricsFile = command.dryRun ? nil : try command.metrics.map { try FileWriter(path: $0) }
        if let patience = command.patience { hooks.append(EarlyStopping(patience: patience)) }
        let epochs = trainer.loop.epochs
        let every = command.sampleEvery ?? (epochs.isFinite ? max(1, Int(epochs / 10)) : nil)
        if !command.quiet, every != 0, command.length > 0 {
            hooks.append(
                SampleHook(
                    trainer, display: display, terminal: terminal, prefixes: prefixes, length: command.length,
                    every: every, seed: command.seed))
        }
    }

    /// Checks that no option needs held-out text, in a run that has none.
    private static func checkOptionsOfValidation(_ command: TrainCommand) throws {
        if command.optimizer.schedule == .plateau {
            throw TrainingError.outOfRange(
                option: "schedule", value: "plateau",
                allowed: "it with --validation above 0: it depends on the validation loss")
        }
        for (option, isGiven) in [
            ("--patience", command.patience != nil), ("--keep best", command.keep == .best),
            ("--no-baseline", command.noBaseline),
        ] where isGiven {
            throw ValidationError(
                "\(option) has no effect where nothing is held out for validation; leave it out or add --validation 0.1")
        }
    }

    /// Checks that the outputs can be written, that they are two files, and that neither of them is an input.
    private static func checkOutputs(of command: TrainCommand) throws {
        try AtomicFile.checkWritable(command.output)
        for path in [command.output] + (command.metrics.map { [$0] } ?? []) {
            if WholeFile.isSame(path, command.corpus.corpus) {
                throw FileError.cannotCreate(path: path, reason: "it is the training text")
            }
            if let embeddings = command.embeddings, WholeFile.isSame(path, embeddings) {
                throw FileError.cannotCreate(path: path, reason: "it holds the pretrained vectors")
            }
        }
        if let metrics = command.metrics, WholeFile.isSame(metrics, command.output) {
            throw FileError.cannotCreate(path: metrics, reason: "the model is saved to this file")
        }
    }

    /// Trains, saves and reports; a dry run only reports.
    func execute() throws {
        if !command.quiet { showPlan() }
        guard !command.dryRun else { return try rehearse() }
        let interruption = Interruption()
        let hooks = [SignalHook(interruption)] + (try baselineHooks()) + hooks
        try saving.saving(trainer.loop) { try trainer.train(hooks: hooks) }
        guard interruption.isRequested && !trainer.isFinished else { return try finish() }
        display.write(
            "interrupted in epoch \(trainer.epoch)"
                + (trainer.loop.epochs.isFinite ? " of \(Numbers.epochs(trainer.loop.epochs))" : "")
                + ", after \(trainer.step) steps; saved \(command.output)")
        try printSummary()
        throw ExitCode(interruption.exitCode)
    }
}

// MARK: - Output

extension TrainingRun {
    private func showPlan() {
        let plan = trainer.tokens.plan
        let members = corpus.members.count == 1 ? "1 text" : "\(Numbers.grouped(corpus.members.count)) texts"
        var corpusLine = "\(command.corpus.corpus), \(members), \(Numbers.grouped(corpus.characterCount)) characters, "
            + "\(Numbers.grouped(corpus.distinctCharacters)) distinct"
        if plan.validationCharacters > 0 {
            corpusLine += "; \(plan.testCharacters > 0 ? "" : "the last ")\(Numbers.grouped(plan.validationCharacters)) held out for "
                + "validation"
        }
        if plan.testCharacters > 0 { corpusLine += "; the last \(Numbers.grouped(plan.testCharacters)) held out for a test" }
        var lines = [("corpus", corpusLine)]
        if !corpus.skipped.isEmpty {
            let names = corpus.skipped.prefix(3).joined(separator: ", ")
            lines.append(("skipped", "\(corpus.skipped.count) files that are not texts: \(names)"))
        }
        if let report = vectors?.report { lines.append(("vectors", report)) }
        let options = command.options
        lines += [
            ("model", trainer.tokens.configuration.summary + ", \(Numbers.grouped(trainer.parameterCount)) parameters"),
            ("training", (options.time.map { "\(Numbers.duration($0.inSeconds)) in all" }
                ?? (plan.epochs == 1 ? "1 epoch" : "\(Numbers.epochs(plan.epochs)) epochs"))
                + ", \(options.batching.rawValue) batches of "
                + "\(plan.batchSize) × \(plan.steps), \(plan.optimizer.rawValue), learning rate \(plan.learningRate)"),
        ]
        for (index, reason) in plan.reasons.enumerated() { lines.append((index == 0 ? "because" : "", reason)) }
        for (name, text) in lines { showPlanLine(name, text) }
    }

    /// Shows a line of the plan.
    func showPlanLine(_ name: String, _ text: String) {
        terminal.write(terminal.bold(name) + String(repeating: " ", count: 10 - name.count) + text + "\n")
    }

    /// Computes the baseline and shows it, unless there is none; returns the hooks that compare with it.
    private func baselineHooks() throws -> [any TrainingHook] {
        let baseline = command.noBaseline ? nil : try trainer.computeBaseline()
        if let baseline, !command.quiet {
            showPlanLine("counting", baseline.summary)
            if let expected = trainer.tokens.plan.expectedLoss(counting: baseline.evaluation.loss) {
                showPlanLine(
                    "expect",
                    "a validation loss of \(Numbers.fixed(expected.lowerBound, 2)) to \(Numbers.fixed(expected.upperBound, 2))")
            }
        }
        var hooks: [any TrainingHook] = []
        if let file = metricsFile { hooks.append(MetricsLines(baseline: baseline, write: file.write)) }
        if let baseline, !command.quiet { hooks.append(BaselineHook(baseline, display: display)) }
        return hooks
    }

    private func finish() throws {
        guard let metrics = trainer.metrics else { return }
        if !command.quiet {
            var text = "done in \(Numbers.duration(metrics.seconds)): perplexity \(Numbers.perplexity(metrics.perplexity))"
            if let loss = metrics.validationLoss {
                text += ", validation loss \(Numbers.fixed(loss, 4))" + (metrics.validationIsExact ? "" : " (an estimate)")
            }
            if let loss = metrics.testLoss {
                text += ", test loss \(Numbers.fixed(loss, 4))" + (metrics.testIsExact == true ? "" : " (an estimate)")
            }
            display.write(text + "; saved \(command.output)")
            if let best = trainer.loop.best, best.step < metrics.step, let lowest = best.validationLoss,
                let last = trainer.loop.comparedLoss, last > 1.005 * lowest
            {
                display.write(
                    "the validation loss was lowest, by \(Numbers.fixed(100 * (1 - lowest / last), 1)) percent, "
                        + (best.isEpochEnd ? "" : "after \(Numbers.grouped(best.step)) steps, ") + "in epoch \(best.epoch); "
                        + (command.keep == .best
                            ? "these weights were kept" : "after that the model overfitted (--keep best keeps the best weights)"))
            }
            for line in LossReport(trainer, metrics).lines { display.write(line) }
            let model = command.output == defaultModelPath ? "" : " \(command.output)"
            let prefix = command.prefix.first ?? trainer.suggestedPrefix
            display.write("try: chargen sample\(model)" + (prefix.isEmpty ? "" : " --prefix \"\(prefix)\""))
        }
        try printSummary()
    }

    private func printSummary() throws {
        guard command.json, let metrics = trainer.metrics else { return }
        try JSONOutput.write(TrainingSummary(model: command.output, metrics: metrics, baseline: trainer.baseline))
    }
}

extension Trainer {
    /// A prefix that is easy to type: the first letter of the text that greedy decoding generates.
    fileprivate var suggestedPrefix: String {
        let text = (try? model.generate(length: 8, options: SamplingOptions(greedy: true), seed: 0)) ?? ""
        return text.first { $0.isLetter }.map { String($0) } ?? ""
    }
}

extension TrainingDisplay.Lines {
    /// The lines of a run of `epochs` epochs on a text.
    fileprivate static func text(_ epochs: Double) -> Self {
        let of = epochs.isFinite ? "/" + Numbers.epochs(epochs) : ""
        return Self(
            live: {
                "epoch \($0.epoch)\(of)  perplexity \(Numbers.perplexity($0.perplexity))  "
                    + "\(Numbers.fixed($0.charactersPerSecond, 0)) chars/s  \(Numbers.duration($0.secondsLeft)) left"
            },
            epoch: { metrics, progress in
                var text = "epoch \(metrics.epoch)\(of)"
                if !metrics.isEpochEnd { text += ", step \(Numbers.grouped(metrics.step))" }
                text += "  perplexity \(Numbers.perplexity(metrics.perplexity))"
                if let loss = metrics.validationLoss { text += "  validation loss \(Numbers.fixed(loss, 4))" }
                text += "  \(Numbers.fixed(metrics.charactersPerSecond, 0)) chars/s"
                if metrics.isComplete && progress.share < 1 {
                    text += "  \(Numbers.duration(progress.secondsLeft)) left"
                }
                return text
            },
            interval: 5, areShownOnTerminals: false)
    }
}

/// The last line of `chargen train --json`: the last epoch's metrics, the baseline and the path of the model.
private struct TrainingSummary: Encodable {
    let model: String
    let metrics: EpochMetrics
    let baseline: CountingBaseline?

    private enum CodingKeys: String, CodingKey { case model }

    func encode(to encoder: any Encoder) throws {
        try MetricsLines.Line(metrics, baseline).encode(to: encoder)
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(model, forKey: .model)
    }
}
