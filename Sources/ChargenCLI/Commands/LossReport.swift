import Chargen

/// What `chargen train` says about losses at its end: those of the network and of counting, side by side, and what they mean
/// where the text is short.
struct LossReport {
    private let plan: TrainingPlan
    private let metrics: EpochMetrics
    private let baseline: CountingBaseline?

    /// The report of a run that ended with `metrics`.
    init(_ trainer: Trainer, _ metrics: EpochMetrics) {
        plan = trainer.tokens.plan
        baseline = trainer.baseline
        self.metrics = metrics
    }

    /// The lines of the report; empty for a long text with nothing to compare.
    var lines: [String] { table + shortText }

    /// The losses of the held-out part under the network and the n-gram model, and the loss of the training text.
    private var table: [String] {
        guard let baseline, let loss = metrics.validationLoss else { return [] }
        let held = "\(Numbers.grouped(plan.validationCharacters)) held-out characters"
        let counted = baseline.isHeldOutTextLimited
            ? "the first \(Numbers.grouped(baseline.evaluation.characters)) of them" : "the same characters"
        return Self.aligned([
            ["", "loss", "perplexity", "bits per character"],
            ["network, \(held)"] + Self.values(loss),
            ["\(baseline.order)-grams, \(counted)"] + Self.values(baseline.evaluation.loss),
            ["network, training text"] + Self.values(metrics.trainLoss),
        ])
    }

    /// What a text that is too short to generalize from means for the model.
    private var shortText: [String] {
        guard !plan.isLongEnoughToGeneralize else { return [] }
        let characters = Numbers.grouped(plan.trainingCharacters + plan.validationCharacters + plan.testCharacters)
        let training = Numbers.fixed(metrics.trainLoss, 4)
        var text = "a text of \(characters) characters is too short to generalize from, and much of what the model writes is "
            + "memory: "
        if let loss = metrics.validationLoss {
            text += "its loss is \(training) on the characters that it was trained on and \(Numbers.fixed(loss, 4)) on those "
                + "held out"
        } else {
            text += "its loss of \(training) is that of the characters that it was trained on"
        }
        return [text]
    }

    private static func values(_ loss: Double) -> [String] {
        let evaluation = Evaluation(characters: 1, loss: loss)
        return [
            Numbers.fixed(loss, 4), Numbers.perplexity(evaluation.perplexity), Numbers.fixed(evaluation.bitsPerCharacter, 3),
        ]
    }

    /// The rows as columns: the first one aligned on the left, the others on the right.
    private static func aligned(_ rows: [[String]]) -> [String] {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).enumerated().map { column, cell in
                let padding = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 0 ? cell.0 + padding : padding + cell.0
            }.joined(separator: "  ")
        }
    }
}

extension CountingBaseline {
    /// The n-gram model, what it read and its losses, in a line of the plan.
    var summary: String {
        var text = "\(order)-grams (interpolated Kneser-Ney)"
        if isTrainingTextLimited { text += " of the last \(Numbers.grouped(trainingTokens)) characters" }
        text += ": validation loss \(Numbers.fixed(evaluation.loss, 4)), "
            + "perplexity \(Numbers.perplexity(evaluation.perplexity)), "
            + "\(Numbers.fixed(evaluation.bitsPerCharacter, 2)) bits per character"
        if isHeldOutTextLimited { text += ", on the first \(Numbers.grouped(evaluation.characters)) held-out characters" }
        return text
    }
}
