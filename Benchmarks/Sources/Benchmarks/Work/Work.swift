/// What is measured: training on a configuration, or sampling from one.
enum Work {
    case training(TrainingConfiguration)
    /// Sampling of so many texts at once.
    case sampling(SamplingConfiguration, streams: Int)

    /// The configuration's name, as `--only` takes it.
    var name: String {
        switch self {
        case .training(let configuration): configuration.name
        case .sampling(let configuration, _): configuration.name
        }
    }

    /// Texts written at once; nil in training.
    var streams: Int? {
        switch self {
        case .training: nil
        case .sampling(_, let streams): streams
        }
    }

    /// The recurrent cell in training; nil in sampling, which is from LSTMs.
    var cell: Cell? {
        switch self {
        case .training(let configuration): configuration.cell
        case .sampling: nil
        }
    }

    /// V, H, L and, in training, N and T, under the names of `peers/configs.py`.
    var sizes: [String: Int] {
        switch self {
        case .training(let c): ["V": c.vocabulary, "H": c.hidden, "L": c.layers, "N": c.batch, "T": c.steps]
        case .sampling(let c, _): ["V": c.vocabulary, "H": c.hidden, "L": c.layers]
        }
    }

    /// The sizes and the cell under the names of `peers/configs.py`: what a peer has to say that it measured.
    var fields: [String: String] {
        var fields = sizes.mapValues(String.init)
        fields["cell"] = cell?.rawValue
        return fields
    }

    /// The sizes as people write them.
    var sizesText: String {
        switch self {
        case .training(let c): "V \(c.vocabulary), \(c.layers)×\(c.hidden), batches of \(c.batch)×\(c.steps)"
        case .sampling(let c, _): "V \(c.vocabulary), \(c.layers)×\(c.hidden)"
        }
    }

    /// The cell, where the work tells it, and the sizes.
    var modelText: String { (cell.map { "\($0.name), " } ?? "") + sizesText }

    /// Every name that `--only` takes.
    static let names = TrainingConfiguration.all.map(\.name) + SamplingConfiguration.all.map(\.name)
}
