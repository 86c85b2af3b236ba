import ChargenNN
import ChargenTensor

// MARK: - Resuming

extension TrainingLoop {
    /// All buffers of the state, by the names of their tensors.
    private var buffers: [(name: String, buffer: ParameterBuffer)] {
        [("parameter", network.parameters)] + (average.map { [("average", $0.buffer)] } ?? [])
            + (bestWeights.map { [("best", $0)] } ?? []) + update.slots
    }

    /// Everything that another loop with the same data and options needs in order to go on from here.
    public var state: TrainingState {
        var state = current
        state.tensors = [:]
        for (name, buffer) in buffers { state.store(buffer, as: name) }
        state.carriedStates = carriedStates.map(\.layerState)
        return state
    }

    /// Goes on from a state that a loop with the same data and options gave.
    ///
    /// The state is taken for a good one, to go back to where the loss explodes.
    /// - Throws: ``TrainingError/otherState(reason:)``; nothing is changed then.
    public func restore(_ state: TrainingState) throws {
        func words(_ epochs: Double?) -> String { epochs.map { Self.shortened($0) } ?? "that of the clock" }
        for (what, found, expected) in [
            ("seed", "\(state.seed)", "\(options.seed)"), ("schedule", state.schedule, options.schedule.name),
            ("number of epochs", words(state.epochs), words(current.epochs)),
            ("number of batches", "\(state.batchCount)", "\(objective.batchCount)"),
            ("number of batches in a step", "\(state.accumulate)", "\(options.accumulate)"),
        ] where found != expected {
            throw TrainingError.otherState(reason: "its \(what) is \(found), not \(expected)")
        }
        guard 0...(length.epochs ?? .max) ~= state.epoch, 0...objective.batchCount ~= state.batch,
            state.batch == 0 || state.epoch > 0
        else {
            throw TrainingError.otherState(
                reason: "it is at batch \(state.batch) of \(objective.batchCount) of epoch \(state.epoch) of "
                    + words(current.epochs))
        }
        for (name, buffer) in buffers { try state.check(buffer.layout, as: name) }
        if state.batch > 0, let size = objective.carriedBatchSize {
            try state.checkCarriedStates(of: network, batchSize: size)
        }
        for (name, buffer) in buffers { state.read(into: buffer, as: name) }
        network.parametersChanged()
        current = state
        current.tensors = [:]
        goodState.forget()
        clock = nil
        if state.batch > 0 { orderBatches() }
        carriedStates = state.carriedStates.map { BatchState($0, on: network.backend) }
    }

    /// The number without a fraction that is zero.
    private static func shortened(_ number: Double) -> String {
        number == number.rounded() && number.magnitude < 1e15 ? "\(Int(number))" : "\(number)"
    }
}
