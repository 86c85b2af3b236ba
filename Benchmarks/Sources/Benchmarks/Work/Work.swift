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

    /// V, H, L and, in training, N and T, under the names of `peers/configs.py`.
    var sizes: [String: Int] {
        switch self {
        case .training(let c): ["V": c.vocabulary, "H": c.hidden, "L": c.layers, "N": c.batch, "T": c.steps]
        case .sampling(let c, _): ["V": c.vocabulary, "H": c.hidden, "L": c.layers]
        }
    }

    /// The sizes as people write them.
    var sizesText: String {
        switch self {
        case .training(let c): "V \(c.vocabulary), \(c.layers)×\(c.hidden), batches of \(c.batch)×\(c.steps)"
        case .sampling(let c, _): "V \(c.vocabulary), \(c.layers)×\(c.hidden)"
        }
    }

    /// Every name that `--only` takes.
    static let names = TrainingConfiguration.all.map(\.name) + SamplingConfiguration.all.map(\.name)
}
