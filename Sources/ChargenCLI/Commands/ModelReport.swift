import Chargen

/// The description of a character model that `chargen info` prints, as lines or as JSON.
struct ModelReport: Encodable {
    /// The kind of the file; another kind has another value.
    let kind = "model"
    let path: String
    let network: RNNConfiguration
    let parameters: Int
    let vocabulary: [String]
    let newlines: LineBreaks
    let sampling: SamplingOptions
    let training: TrainingRecord?
    /// The shape of each tensor.
    let tensors: [String: [Int]]

    /// - Throws: `BackendError`.
    init(path: String, model: CharacterModel) throws {
        self.path = path
        network = model.network.configuration
        parameters = model.network.parameterCount
        vocabulary = model.vocabulary.characters.map { String($0) }
        newlines = model.lineBreaks
        sampling = model.sampling
        training = model.training
        tensors = Dictionary(uniqueKeysWithValues: try model.network.tensors.map { ($0.name, $0.tensor.shape) })
    }

    /// The names and values, in the order in which they are printed.
    var lines: [(String, String)] {
        var shown = vocabulary.prefix(60).map { $0 == "\n" ? "⏎" : $0 == " " ? "␣" : $0 }.joined()
        if vocabulary.count > 60 { shown += "…" }
        var lines = [
            ("model", path),
            ("network", network.summary + ", \(Numbers.grouped(parameters)) parameters"),
            ("vocabulary", "\(Numbers.grouped(vocabulary.count)) characters: \(ExitStatus.oneLine(shown))"),
            ("line breaks", newlines == .keep ? "kept" : "read as spaces"),
            ("sampling", sampling.greedy ? "greedy" : "temperature \(sampling.temperature)"),
        ]
        guard let training else { return lines }
        lines.append(
            ("trained on", "\(Numbers.grouped(training.corpusCharacters)) characters, \(training.epochs) epochs, "
                + "\(Numbers.grouped(training.steps)) steps of \(training.batchSize) × \(training.sequenceLength), "
                + "\(training.batching) batches"
                + (training.timeLimit.map { ", in \(Numbers.duration($0)): by the clock, so that the run cannot be repeated" } ?? "")))
        let options = [
            training.optimizer + (training.precision.map { " in \($0)" } ?? ""),
            "learning rate \(training.learningRate)", training.schedule,
            "clip norm " + (training.clipNorm == 0 ? "none" : "\(training.clipNorm)"),
            training.clipValue.map { "clip value \($0)" }, training.dropout.map { "dropout \($0)" },
            training.recurrentDropout.map { "recurrent dropout \($0)" }, 
            training.average.map { "average over \($0) of the run" }, "seed \(training.seed)",
        ]
        lines.append(("optimizer", options.compactMap { $0 }.joined(separator: ", ")))
        if let loss = training.trainLoss {
            var text = "\(Numbers.fixed(loss, 4)) in training "
                + "(perplexity \(Numbers.perplexity(Evaluation(characters: 0, loss: loss).perplexity)))"
            if let validation = training.validationLoss {
                text += ", \(Numbers.fixed(validation, 4)) on \(Numbers.grouped(training.validationCharacters)) "
                    + "held-out characters"
            }
            if let test = training.testLoss {
                text += ", \(Numbers.fixed(test, 4)) on \(Numbers.grouped(training.testCharacters ?? 0)) characters of the test"
            }
            if let loss = training.baselineLoss {
                text += ", \(Numbers.fixed(loss, 4)) by counting" + (training.baselineOrder.map { " \($0)-grams" } ?? "")
            }
            lines.append(("loss", text))
        }
        return lines
    }
}

extension RNNConfiguration {
    /// The layers of the network, in words.
    var summary: String {
        (layers == 1 ? cell.title : "\(layers) \(cell.title) layers") + ", \(Numbers.grouped(hiddenSize)) units"
            + (layers == 1 ? "" : " each") + ", " + (embeddingSize.map { "embedding of \($0)" } ?? "one-hot input")
            + (layerNorm ? ", layer normalization" : "")
    }
}

extension RNNConfiguration.Cell {
    /// The usual name of the cell.
    var title: String {
        switch self {
        case .rnn: "simple RNN"
        case .mlstm: "multiplicative LSTM"
        case .lstm, .gru: rawValue.uppercased()
        }
    }
}
