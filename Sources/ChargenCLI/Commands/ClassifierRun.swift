import ArgumentParser
import Chargen

/// One run of `chargen classify train`.
struct ClassifierRun {
    private let command: ClassifyTrainCommand
    private let terminal = Terminal.standardError
    private let training: LabelledTexts
    private let heldOut: LabelledTexts
    private let trainer: ClassifierTrainer
    private let vectors: PretrainedVectors?
    private let display: TrainingDisplay
    private let saving: SavingHook

    /// Reads the input and checks all arguments, so that their errors are reported before the training starts.
    init(_ command: ClassifyTrainCommand) throws {
        self.command = command
        guard command.validation >= 0 && command.validation <= 0.9 else {
            throw TrainingError.outOfRange(option: "validation", value: "\(command.validation)", allowed: "0 to 0.9")
        }
        // Check the options first, so that their errors are reported before a large file is read.
        try command.options.validate()
        let all = try LabelledTexts(contentsOf: command.labelled)
        var random = RandomSource(seed: command.seed, stream: 3)
        (training, heldOut) = all.split(heldOut: command.validation, using: &random)
        try AtomicFile.checkWritable(command.output)
        if WholeFile.isSame(command.output, command.labelled) {
            throw FileError.cannotCreate(path: command.output, reason: "it holds the training texts")
        }
        if let embeddings = command.embeddings, WholeFile.isSame(command.output, embeddings) {
            throw FileError.cannotCreate(path: command.output, reason: "it holds the pretrained vectors")
        }
        var options = command.options
        options.classWeight = try ClassWeight.byIndex(command.classWeights, labelNames: all.labelNames)
        let vectors = command.embeddings.map { PretrainedVectors(path: $0, seed: command.seed, quiet: command.quiet) }
        self.vectors = vectors
        trainer = try ClassifierTrainer(
            texts: training.texts, labels: training.labels, labelNames: training.labelNames, options: options,
            heldOut: (heldOut.texts, heldOut.labels),
            embeddings: { vocabulary in try vectors?.table(for: vocabulary.tokens) })
        display = TrainingDisplay(.classifier(trainer.loop.epochs), terminal: terminal, quiet: command.quiet)
        saving = SavingHook(path: command.output, display: display) { [trainer] path in
            try trainer.classifier.save(to: path)
        }
    }

    /// Trains, saves and reports.
    func execute() throws {
        let interruption = Interruption()
        if !command.quiet { showPlan() }
        try saving.saving(trainer.loop) {
            try trainer.train(hooks: [SignalHook(interruption), display, saving])
        }
        let classifier = trainer.classifier
        let table = try confusionTable(classifier)
        if !command.quiet { show(table) }
        if command.json { try JSONOutput.write(Report(command, classifier, training, table)) }
        guard interruption.isRequested && !trainer.isFinished else { return }
        if !command.quiet { terminal.write("interrupted; saved \(command.output)\n") }
        throw ExitCode(interruption.exitCode)
    }

    /// Classifies the held-out texts; returns nil if there are none.
    private func confusionTable(_ classifier: TextClassifier) throws -> ConfusionTable? {
        guard heldOut.count > 0 else { return nil }
        let predicted = try classifier.predict(heldOut.texts, device: .cpu(threads: command.threads)).map { prediction in
            heldOut.labelNames.firstIndex(of: prediction.label) ?? 0
        }
        return ConfusionTable(labelNames: heldOut.labelNames, actual: heldOut.labels, predicted: predicted)
    }

    /// The output of `--json`.
    private struct Report: Encodable {
        let classifier: String
        let parameters: Int
        let labels: [String]
        let training: Int
        let heldOut: Int
        let accuracy: Double?
        let confusion: [[Int]]?

        init(
            _ command: ClassifyTrainCommand, _ classifier: TextClassifier, _ training: LabelledTexts,
            _ table: ConfusionTable?
        ) {
            self.classifier = command.output
            parameters = classifier.parameterCount
            labels = classifier.labelNames
            self.training = training.count
            heldOut = table?.total ?? 0
            accuracy = table?.accuracy
            confusion = table?.counts
        }

        private enum CodingKeys: String, CodingKey {
            case classifier, parameters, labels, training, accuracy, confusion
            case heldOut = "held_out"
        }
    }
}

// MARK: - Output

extension ClassifierRun {
    private func showPlan() {
        let configuration = trainer.options.configuration, unit = trainer.vocabulary.unit.rawValue
        let counts = zip(training.labelNames, zip(training.labelCounts, heldOut.labelCounts))
            .map { "\($0) \(Numbers.grouped($1.0 + $1.1))" }
        var lines = [
            ("texts", "\(command.labelled), \(Numbers.grouped(training.count + heldOut.count)) texts: "
                + counts.joined(separator: ", ") + "; \(Numbers.grouped(heldOut.count)) held out"),
            ("tokens", "\(Numbers.grouped(trainer.vocabulary.count)) \(unit); tokens that occur only once count as unknown"),
        ]
        if let report = vectors?.report { lines.append(("vectors", report)) }
        lines += [
            ("model", "embedding of \(configuration.embeddingSize), \(configuration.layers) × "
                + (configuration.bidirectional ? "bidirectional " : "") + "\(configuration.cell.title) of \(configuration.hiddenSize) units, "
                + (configuration.denseSize > 0 ? "dense \(configuration.denseSize), " : "")
                + "\(Numbers.grouped(trainer.parameterCount)) parameters"),
            ("training", "\(Numbers.epochs(trainer.loop.epochs)) epochs, batches of \(trainer.options.batchSize), adam, "
                + "learning rate \(trainer.options.learningRate), dropout \(trainer.options.dropout)"
                + command.classWeights.map { ", weight of \($0.label) \($0.weight)" }.joined()),
        ]
        for (name, text) in lines {
            terminal.write(terminal.bold(name) + String(repeating: " ", count: 10 - name.count) + text + "\n")
        }
    }

    private func show(_ table: ConfusionTable?) {
        var text = "saved \(command.output)"
        if let table {
            terminal.write(table.text)
            text = "held-out accuracy \(Numbers.fixed(table.accuracy * 100, 1)) % (\(Numbers.grouped(table.right)) of "
                + "\(Numbers.grouped(table.total))); " + text
        }
        terminal.write(text + "\n")
        let path = command.output == defaultClassifierPath ? "" : " --model \(command.output)"
        if let example = heldOut.texts.first ?? training.texts.first, !example.contains("\"") {
            terminal.write("try: chargen classify predict\(path) \"\(example)\"\n")
        }
    }
}

extension TrainingDisplay.Lines {
    /// The lines of a classifier's run of `epochs` epochs.
    fileprivate static func classifier(_ epochs: Double) -> Self {
        let epochs = Numbers.epochs(epochs)
        func percent(_ share: Double?) -> String { share.map { Numbers.fixed($0 * 100, 1) + " %" } ?? "" }
        return Self(
            live: {
                "epoch \($0.epoch)/\(epochs)  loss \(Numbers.fixed($0.loss, 4))  \(Numbers.duration($0.secondsLeft)) left"
            },
            epoch: { metrics, _ in
                var text = "epoch \(metrics.epoch)/\(epochs)  loss \(Numbers.fixed(metrics.trainLoss, 4))  "
                    + "accuracy \(percent(metrics.accuracy))"
                if let loss = metrics.validationLoss {
                    text += "  held out: loss \(Numbers.fixed(loss, 4))  accuracy \(percent(metrics.validationAccuracy))"
                }
                return text
            },
            interval: 2, areShownOnTerminals: true)
    }
}

extension ConfusionTable {
    /// The table as lines: a row for each true label, a column for each predicted label.
    fileprivate var text: String {
        let header = ["label ＼ predicted"] + labelNames
        let rows = [header] + labelNames.indices.map { row in
            [labelNames[row]] + counts[row].map { Numbers.grouped($0) }
        }
        let widths = header.indices.map { column in rows.map { $0[column].columns }.max() ?? 0 }
        return rows.map { row in
            row.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - row[column].columns)
                return column == 0 ? row[column] + padding : padding + row[column]
            }.joined(separator: "  ") + "\n"
        }.joined()
    }
}
