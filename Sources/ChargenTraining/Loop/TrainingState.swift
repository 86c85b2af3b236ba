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
    /// Epochs of the whole run.
    public var epochs: Int
    /// Batches in an epoch.
    public var batchCount: Int
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
    /// The metrics of the last epoch.
    public var metrics: EpochMetrics?
    /// The metrics of the epoch with the lowest validation loss so far.
    public var best: EpochMetrics?
    /// All validation losses so far, in order.
    public var validationLosses: [Double] = []
    /// Parameters (`parameter.…`), their averages (`average.…`), the optimizer's slots (`mean.…`) and carried states
    /// (`state.0.hidden`), by name.
    public var tensors: [String: Tensor] = [:]

    private enum CodingKeys: String, CodingKey {
        case seed, schedule, epochs, batchCount, epoch, batch, step, predictions, seconds, totals, norms, epochSeconds
        case averageWeight, metrics, best, validationLosses
    }

    init(seed: UInt64, schedule: String, epochs: Int, batchCount: Int) {
        self.seed = seed
        self.schedule = schedule
        self.epochs = epochs
        self.batchCount = batchCount
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
