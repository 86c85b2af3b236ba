import ChargenNN
import ChargenTensor

/// Everything that a training run needs in order to go on: made by ``TrainingLoop/state``, used by
/// ``TrainingLoop/restore(_:)``. A loop that goes on from a state gives the same bytes as one that was never interrupted.
///
/// All but ``tensors`` is `Codable`; tensors belong in a file format of their own.
public struct TrainingState: Sendable, Equatable, Codable {
    /// The seed of the run; the order of the batches and the dropouts follow from it, the epoch and the step.
    public var seed: UInt64
    /// The name of the learning rate's schedule, and the steps of the whole run that it counts on.
    public var schedule: String
    /// Epochs of the whole run; nil where it follows the clock.
    public var epochs: Double?
    /// Batches in an epoch.
    public var batchCount: Int
    /// Batches in an optimizer step.
    public var accumulate: Int
    /// Epochs begun so far.
    public var epoch = 0
    /// Batches of the epoch that were trained; zero between epochs.
    public var batch = 0
    /// Optimizer steps so far.
    public var step = 0
    /// Trained predictions so far.
    public var predictions = 0
    /// Seconds of training so far.
    public var seconds = 0.0
    /// Totals of the epoch so far.
    public var totals = LossTotals()
    /// The sum of the gradients' norms of the epoch so far.
    public var norms = 0.0
    /// Seconds of the epoch so far.
    public var epochSeconds = 0.0
    /// The sum of the weights of the steps in the averaged parameters; zero where they are not averaged.
    public var averageWeight = 0.0
    /// Totals, gradients' norms, steps and seconds since the last measurement.
    var recent = Recent()
    /// What of the characters trained since the last validation may be spent on the next one.
    var validationBudget = 0.0
    /// The characters of the validation text that are read within epochs; nil until that is settled.
    var sampleCount: Int?
    /// The share of a run by the clock that is over, and the number of its equal parts that were measured.
    var share = 0.0, measuredParts = 0
    /// What is known about the loss.
    var watch = LossWatch()
    /// How often the run went back to its last good state.
    var recoveries = 0
    /// Whether the run ends here: its time is up, or a hook ended it.
    var isEnding = false
    /// Whether the final figures were measured and the weights are those of the trained model.
    var isConcluded = false
    /// The last validation loss, measured in the same way each time.
    var comparedLoss: Double?
    /// The lowest of them so far.
    var bestLoss: Double?
    /// The metrics of the last epoch.
    public var metrics: EpochMetrics?
    /// The metrics of the measurement with the lowest validation loss so far.
    public var best: EpochMetrics?
    /// All validation losses so far, in order.
    public var validationLosses: [Double] = []
    /// Parameters (`parameter.…`), their averages (`average.…`), the best ones (`best.…`), the optimizer's slots (`mean.…`) and
    /// carried states (`state.0.hidden`), by name.
    public var tensors: [String: Tensor] = [:]

    private enum CodingKeys: String, CodingKey {
        case seed, schedule, epochs, batchCount, accumulate, epoch, batch, step, predictions, seconds, totals, norms, epochSeconds
        case averageWeight, recent, validationBudget, sampleCount, share, measuredParts, watch, recoveries, isEnding, isConcluded
        case comparedLoss, bestLoss, metrics, best, validationLosses
    }

    /// Sums over steps.
    struct Recent: Sendable, Equatable, Codable {
        var totals = LossTotals()
        var norms = 0.0
        var steps = 0
        var seconds = 0.0
    }

    init(seed: UInt64, schedule: String, epochs: Double?, batchCount: Int, accumulate: Int) {
        self.seed = seed
        self.schedule = schedule
        self.epochs = epochs
        self.batchCount = batchCount
        self.accumulate = accumulate
    }

    /// Writes down the parameters of `buffer`.
    mutating func store(_ buffer: ParameterBuffer, as kind: String) {
        for (index, entry) in buffer.layout.indexed { tensors["\(kind).\(entry.name)"] = buffer[index].tensor() }
    }

    /// Checks that the parameters of a buffer are there.
    /// - Throws: ``TrainingError/otherState(reason:)``.
    func check(_ layout: ParameterLayout, as kind: String) throws {
        for (_, entry) in layout.indexed {
            try check("\(kind).\(entry.name)", shape: [entry.rows, entry.columns])
        }
    }

    /// Checks that the carried states of the recurrent layers are there.
    /// - Throws: ``TrainingError/otherState(reason:)``.
    func checkCarriedStates(of network: Sequential, batchSize: Int) throws {
        for (index, layer) in network.built.compactMap({ $0 as? BuiltRecurrent }).enumerated() {
            let shape = [batchSize, layer.options.units]
            try check("state.\(index).hidden", shape: shape)
            if layer.cell.kind.hasCellState { try check("state.\(index).cell", shape: shape) }
        }
    }

    private func check(_ name: String, shape: [Int]) throws {
        guard let found = tensors[name]?.shape else { throw TrainingError.otherState(reason: "\(name) is missing") }
        guard found == shape else {
            throw TrainingError.otherState(reason: "\(name) has shape \(found), not \(shape)")
        }
    }

    /// Reads the parameters of `buffer` back.
    func read(into buffer: ParameterBuffer, as kind: String) {
        for (index, entry) in buffer.layout.indexed {
            if let tensor = tensors["\(kind).\(entry.name)"] { buffer[index].assign(tensor.values) }
        }
    }

    /// The carried states of recurrent layers.
    var carriedStates: [LayerState] {
        get {
            (0...).lazy.map { index in
                tensors["state.\(index).hidden"].map {
                    LayerState(hidden: $0, cell: tensors["state.\(index).cell"])
                }
            }.prefix { $0 != nil }.compactMap { $0 }
        }
        set {
            for (index, state) in newValue.enumerated() {
                tensors["state.\(index).hidden"] = state.hidden
                tensors["state.\(index).cell"] = state.cell
            }
        }
    }
}
