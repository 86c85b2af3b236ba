/// What is measured: training on a configuration, fitting a classifier, or sampling from a configuration.
enum Work {
    case training(TrainingConfiguration)
    case fitting(FitConfiguration)
    /// Sampling of a number of texts at once.
    case sampling(SamplingConfiguration, streams: Int)

    /// The configuration's name, as `--only` takes it.
    var name: String {
        switch self {
        case .training(let configuration): configuration.name
        case .fitting(let configuration): configuration.name
        case .sampling(let configuration, _): configuration.name
        }
    }

    /// Texts generated at once; nil in training.
    var streams: Int? {
        switch self {
        case .training, .fitting: nil
        case .sampling(_, let streams): streams
        }
    }

    /// Whether a classifier is trained, which is measured in examples.
    var isFit: Bool {
        if case .fitting = self { true } else { false }
    }

    /// What the figures of this work count.
    var unit: String { isFit ? "examples/s" : "characters/s" }

    /// Floating-point operations per character or example in training; nil in sampling. `embedding` is the width of the
    /// embedding of characters, nil for a one-hot input.
    func operations(embedding: Int?) -> Double? {
        switch self {
        case .training(let configuration): configuration.operationsPerCharacter(embedding: embedding)
        case .fitting(let configuration): configuration.operationsPerExample
        case .sampling: nil
        }
    }

    /// The recurrent cell in training on characters; nil in the other work, which is with LSTMs.
    var cell: Cell? {
        switch self {
        case .training(let configuration): configuration.cell
        case .fitting, .sampling: nil
        }
    }

    /// V, H, L, in training N and T, and whatever else a classifier has, under the names of `peers/configs.py`.
    var sizes: [String: Int] {
        switch self {
        case .training(let c): ["V": c.vocabulary, "H": c.hidden, "L": c.layers, "N": c.batch, "T": c.steps]
        case .fitting(let configuration): configuration.sizes
        case .sampling(let c, _): ["V": c.vocabulary, "H": c.hidden, "L": c.layers]
        }
    }

    /// The sizes and the cell under the names of `peers/configs.py`: a peer must report the same ones.
    var fields: [String: String] {
        var fields = sizes.mapValues(String.init)
        fields["cell"] = cell?.rawValue
        return fields
    }

    /// The sizes as people write them.
    var sizesText: String {
        switch self {
        case .training(let c): "V \(c.vocabulary), \(c.layers)×\(c.hidden), batches of \(c.batch)×\(c.steps)"
        case .fitting(let configuration): configuration.sizesText
        case .sampling(let c, _): "V \(c.vocabulary), \(c.layers)×\(c.hidden)"
        }
    }

    /// The cell, where the work tells it, and the sizes.
    var modelText: String { (cell.map { "\($0.name), " } ?? "") + sizesText }

    /// Every name that `--only` takes.
    static let names =
        TrainingConfiguration.all.map(\.name) + FitConfiguration.all.map(\.name) + SamplingConfiguration.all.map(\.name)
}
