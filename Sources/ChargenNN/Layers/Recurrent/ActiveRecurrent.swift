import ChargenTensor

/// A recurrent layer at work. Everything but the order of reading, masks' outputs and the input's dropout is
/// ``Recurrent``'s.
final class ActiveRecurrent: ActiveLayer {
    let cell: RecurrentCell
    let options: RecurrentOptions
    /// Whether steps that are masked put out zeros, instead of what the step before put out.
    var zeroOutputForMask = false
    /// What a stateful layer goes on from.
    private var carried: LayerState?

    private var recurrent: Recurrent?
    private var capacity = (steps: 0, batchSize: 0, training: false)
    private var isPacked = false
    private let inputs = ReusedMatrix(), outputs = ReusedMatrix(), gradients = (ReusedMatrix(), ReusedMatrix())
    private var last: LastPass?

    /// What the way back needs of the pass.
    private struct LastPass {
        let rows: Matrix
        let size: Recurrent.Pass
        let draw: DropoutDraw?
        /// Rows of the output that are zero whatever the cell computed.
        let zeroed: [Int]
    }

    init(_ cell: RecurrentCell, options: RecurrentOptions) {
        self.cell = cell
        self.options = options
    }

    var output: SignalShape { SignalShape(width: cell.hiddenSize, hasTime: options.returnSequences) }
    var weights: [LayerWeight] { cell.weights }

    func torchPlaces(_ name: String, layer: Int) -> [TorchPlace] { cell.torchPlaces(name, suffix: "_l\(layer)") }

    func initialize(_ parameters: ParameterBuffer, using random: inout RandomSource, on backend: any Backend) {
        cell.initialize(parameters, using: &random, on: backend)
    }

    func parametersChanged() { isPacked = false }
    func resetStates() { carried = nil }

    func forward(_ input: Signal, _ context: PassContext) throws -> Signal {
        let (values, size) = try check(input, context)
        let (T, N, H) = (size.steps, size.batchSize, cell.hiddenSize)
        let recurrent = prepared(T, N, context)
        let draw = context.draw(rate: options.dropout)
        let rows = arranged(values, batchSize: N, draw, context.backend)

        var signal = input
        var state = try initialState(&signal, batchSize: N)
        let startsAtZero = state.tensors.allSatisfy { $0.values.allSatisfy { $0 == 0 } }
        let hidden = recurrent.forward(.sequence(Operand(rows)), size, state: &state, parameters: context.parameters)
        if options.stateful { carried = state }
        if options.returnState { signal.finalStates.append(state) }

        let result = outputs(options.returnSequences ? T * N : N, H)
        (options.returnSequences ? hidden : hidden[(T - 1) * N..<T * N]).copy(to: result)
        let zeroed = zeroedRows(size, startsAtZero: startsAtZero)
        for row in zeroed { result[row..<row + 1].fill(0) }
        last = LastPass(rows: rows, size: size, draw: draw, zeroed: zeroed)
        if !options.returnSequences {
            signal.steps = nil
            signal.mask = nil
        }
        return signal.with(result)
    }

    func backward(_ gradient: SignalGradient, _ context: PassContext) -> SignalGradient {
        guard let last, let recurrent else { preconditionFailure("there is no pass to go back over") }
        let (T, N) = (last.size.steps, last.size.batchSize)
        let output = gradients.0(T * N, cell.hiddenSize), given = gradient.numbers()
        if options.returnSequences {
            output.assign(given)
        } else {
            output.fill(0)
            output[(T - 1) * N..<T * N].assign(given)
        }
        let first = options.returnSequences ? 0 : (T - 1) * N
        for row in last.zeroed { output[first + row..<first + row + 1].fill(0) }

        var result = gradient
        let final = options.returnState ? result.finalStates.popLast() : nil
        let input = gradients.1(T * N, cell.inputSize)
        recurrent.backward(
            .sequence(Operand(last.rows)), last.size, outputGradient: output, finalStateGradient: final,
            inputGradient: input, gradients: context.gradientMemory())
        result.initialStates.insert(recurrent.initialStateGradient(batchSize: N), at: 0)
        if let draw = last.draw { context.backend.dropout(draw, Operand(input), period: N, into: Operand(input)) }
        guard options.goBackwards else { return result.with(input) }
        // The memory of the input's rows is free now.
        last.rows.assignReversed(input, blocksOf: N)
        return result.with(last.rows)
    }
}

// MARK: - What comes in and what goes out

extension ActiveRecurrent {
    /// The input's numbers, and what the pass reads beside them.
    private func check(_ input: Signal, _ context: PassContext) throws -> (Matrix, Recurrent.Pass) {
        let values = try input.numbers()
        guard let steps = input.steps, values.columns == cell.inputSize else {
            throw LayerError.wrongShape(
                what: "the input",
                found: [input.batchSize] + (input.steps.map { [$0] } ?? []) + [values.columns],
                expected: [nil, nil, cell.inputSize])
        }
        var mask = input.mask?.contains(0) == true ? input.mask : nil
        if let forward = mask, options.goBackwards {
            let N = input.batchSize
            mask = (0..<steps).reversed().flatMap { forward[$0 * N..<($0 + 1) * N] }
        }
        return (
            values,
            Recurrent.Pass(
                steps: steps, batchSize: input.batchSize, mask: mask,
                recurrentDropout: context.draw(rate: options.recurrentDropout))
        )
    }

    /// The cell with memory enough, and its parameters packed.
    private func prepared(_ steps: Int, _ batchSize: Int, _ context: PassContext) -> Recurrent {
        let training = context.gradients != nil
        let isEnough = capacity.steps >= steps && capacity.batchSize >= batchSize && (capacity.training || !training)
        if let recurrent, isEnough {
            if !isPacked { recurrent.prepare(parameters: context.parameters) }
            isPacked = true
            return recurrent
        }
        capacity = (
            max(steps, capacity.steps), max(batchSize, capacity.batchSize), training || capacity.training
        )
        let made = Recurrent(
            cell,
            size: PassSize(
                steps: capacity.steps, batchSize: capacity.batchSize, training: capacity.training,
                recurrentDropout: options.recurrentDropout > 0),
            input: .sequence, on: context.backend)
        made.prepare(parameters: context.parameters)
        recurrent = made
        isPacked = true
        return made
    }

    /// The input in the order of reading, dropped out where there is a draw.
    private func arranged(
        _ values: Matrix, batchSize N: Int, _ draw: DropoutDraw?, _ backend: any Backend
    ) -> Matrix {
        guard draw != nil || options.goBackwards else { return values }
        let rows = inputs(values.rows, values.columns)
        if options.goBackwards { rows.assignReversed(values, blocksOf: N) }
        // Every step's block of N rows is dropped alike.
        if let draw {
            backend.dropout(draw, Operand(options.goBackwards ? rows : values), period: N, into: Operand(rows))
        }
        return rows
    }

    /// The state that was given, or carried, or zero.
    private func initialState(_ signal: inout Signal, batchSize N: Int) throws -> LayerState {
        if !signal.initialStates.isEmpty {
            return try fitting(signal.initialStates.removeFirst(), "the initial state", N)
        }
        if options.stateful, let carried { return try fitting(carried, "the state of the last batch", N) }
        return LayerState(zeros: N, units: cell.hiddenSize, kind: cell.kind)
    }

    private func fitting(_ state: LayerState, _ what: String, _ N: Int) throws -> LayerState {
        for tensor in state.tensors where tensor.shape != [N, cell.hiddenSize] {
            throw LayerError.wrongShape(what: what, found: tensor.shape, expected: [N, cell.hiddenSize])
        }
        guard (state.cell != nil) == cell.kind.hasCellState else {
            throw LayerError.mismatched(
                "\(what) \(state.cell == nil ? "lacks the cell state" : "has a cell state") that this layer "
                    + (cell.kind.hasCellState ? "needs" : "does not have"))
        }
        return state
    }

    /// Rows of the output that Keras leaves at zero: those that are masked, where it is told to; else those before the
    /// first step of a sequence that is not masked, which matters where the state does not begin at zero.
    private func zeroedRows(_ size: Recurrent.Pass, startsAtZero: Bool) -> [Int] {
        guard let mask = size.mask else { return [] }
        let N = size.batchSize
        if options.returnSequences && zeroOutputForMask { return mask.indices.filter { mask[$0] == 0 } }
        guard !startsAtZero else { return [] }
        let beginnings = (0..<N).map { n in (0..<size.steps).first { mask[$0 * N + n] != 0 } ?? size.steps }
        guard options.returnSequences else { return (0..<N).filter { beginnings[$0] == size.steps } }
        return (0..<N).flatMap { n in (0..<beginnings[n]).map { $0 * N + n } }
    }
}
