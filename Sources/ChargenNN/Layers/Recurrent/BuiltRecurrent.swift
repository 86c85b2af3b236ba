import ChargenTensor

/// A recurrent layer that computes. It arranges what the ``TimeLoop`` reads and what Keras returns: the direction of
/// reading, dropout of the input, initial and carried states, and the outputs of masked steps.
package final class BuiltRecurrent: BuiltLayer {
    package let cell: RecurrentCell
    /// Whether the outputs of masked steps are zero, instead of the output of the step before.
    var zeroOutputForMask = false
    private let loop: TimeLoop
    private let converted = ReusedMemory(), dropped = ReusedMemory(), reversed = ReusedMemory()
    private let outputs = ReusedMemory(), gradients = ReusedMemory(), inputGradients = ReusedMemory()
    private var last: LastPass?

    /// What the backward pass needs of the forward pass.
    private struct LastPass {
        let rows: InputRows
        let batch: SequenceBatch
        let inputDraw: DropoutDraw?
        /// Rows of the output that are zero whatever the cell computed.
        let zeroed: [Int]
    }

    init(_ cell: RecurrentCell) {
        self.cell = cell
        loop = TimeLoop(cell)
        super.init(output: SignalShape(width: cell.units, hasTime: cell.options.returnSequences))
    }

    package var options: RecurrentOptions { cell.options }
    package override var kerasWeights: [NamedWeight] { cell.kerasWeights }
    package override func torchWeights(layer: Int, isLast: Bool) -> [NamedWeight] {
        cell.torchWeights("rnn", suffix: "_l\(layer)")
    }

    package override func initialize(
        _ parameters: ParameterBuffer, using random: inout RandomSource, on backend: any Backend
    ) {
        cell.initialize(parameters, using: &random, on: backend)
    }

    package override var statefulLayers: [BuiltLayer] { options.stateful ? [self] : [] }

    package override func forward(_ input: Signal, _ pass: PassContext) throws -> Signal {
        var signal = input
        let batch = try batch(of: input, pass)
        let (T, N, H) = (batch.steps, batch.batchSize, cell.units)
        let inputDraw = pass.draw(rate: options.dropout)
        let rows = try arranged(input, inputDraw, pass)
        var state = try initialState(&signal, batchSize: N)
        let zeroed = zeroedRows(batch, start: state)
        let hidden = loop.forward(rows, batch, state: &state, pass.parameters)
        if options.stateful { carriedState = state }
        if options.returnState { signal.finalStates.append(state) }
        last = LastPass(rows: rows, batch: batch, inputDraw: inputDraw, zeroed: zeroed)

        var result = options.returnSequences ? hidden : hidden[(T - 1) * N..<T * N]
        if !zeroed.isEmpty {
            // The hidden states themselves are needed for the backward pass.
            let copy = outputs.operand(result.rows, H, result.precision)
            copy.assign(result)
            for row in zeroed { copy[row..<row + 1].clear() }
            result = copy
        }
        if !options.returnSequences {
            signal.steps = nil
            signal.mask = nil
        }
        return signal.with(.numbers(result))
    }

    package override func backward(_ gradient: SignalGradient, _ pass: PassContext) -> SignalGradient {
        guard let last else { preconditionFailure("there is no forward pass to backpropagate through") }
        let (T, N, D) = (last.batch.steps, last.batch.batchSize, cell.inputSize)
        let given = gradient.matrix(gradients)
        for row in last.zeroed { given[row..<row + 1].fill(0) }
        var output = given
        if !options.returnSequences {
            output = outputs.matrix(T * N, cell.units)
            output.fill(0)
            output[(T - 1) * N..<T * N].assign(given)
        }
        var result = gradient, target: Matrix?, isOfTable = false
        switch last.rows {
        case .tokens, .oneHot: break
        case .gathered(let table, _):
            target = inputGradients.matrix(table.rows, D)
            isOfTable = true
        case .numbers:
            // The output's gradient is not needed once the gates have theirs.
            target = output.columns == D ? output : inputGradients.matrix(T * N, D)
        }
        let start = loop.backward(
            last.rows, last.batch, outputGradient: output,
            finalStateGradient: options.returnState ? result.finalStates.popLast() : nil, inputGradient: target,
            pass.parameters, gradients: pass.gradientMemory)
        result.initialStates.insert(start, at: 0)
        guard let target, !isOfTable else { return result.with(target, isOfTable: isOfTable) }
        if let draw = last.inputDraw {
            pass.backend.dropout(draw, Operand(target), period: N, into: Operand(target))
        }
        guard options.goBackwards else { return result.with(target) }
        let turned = InputRows.numbers(Operand(target)).reversed(batchSize: N, in: reversed)
        return result.with(turned.matrix(memory: inputGradients))
    }
}

// MARK: - What comes in and what goes out

extension BuiltRecurrent {
    private func batch(of input: Signal, _ pass: PassContext) throws -> SequenceBatch {
        guard let steps = input.steps, input.rows.width == cell.inputSize else {
            guard let width = input.rows.width else {
                throw LayerError.wrongInput(expected: "numbers", found: "token ids")
            }
            throw LayerError.wrongShape(
                what: "the input", found: [input.batchSize] + (input.steps.map { [$0] } ?? []) + [width],
                expected: [nil, nil, cell.inputSize])
        }
        var mask = input.mask?.contains(0) == true ? input.mask : nil
        if let forward = mask, options.goBackwards {
            let N = input.batchSize
            mask = (0..<steps).reversed().flatMap { forward[$0 * N..<($0 + 1) * N] }
        }
        return SequenceBatch(
            steps: steps, batchSize: input.batchSize, mask: mask,
            recurrentDropout: pass.draw(rate: options.recurrentDropout))
    }

    /// The input in the order of reading, some of it dropped where there is a draw.
    private func arranged(_ input: Signal, _ draw: DropoutDraw?, _ pass: PassContext) throws -> InputRows {
        var rows = input.rows
        if draw != nil || rows.areStored { rows = .numbers(try input.operand(converted, pass)) }
        if options.goBackwards { rows = rows.reversed(batchSize: input.batchSize, in: reversed) }
        // Every step's block of N rows is dropped alike.
        if let draw, case .numbers(let values) = rows {
            let result = dropped.operand(values.rows, values.columns, values.precision)
            pass.backend.dropout(draw, values, period: input.batchSize, into: result)
            rows = .numbers(result)
        }
        return rows
    }

    /// The state that was given, or carried, or zero.
    private func initialState(_ signal: inout Signal, batchSize N: Int) throws -> LayerState {
        if !signal.initialStates.isEmpty {
            return try fitting(signal.initialStates.removeFirst(), "the initial state", N)
        }
        if options.stateful, let carriedState { return try fitting(carriedState, "the state of the last batch", N) }
        return LayerState(zeros: N, units: cell.units, kind: cell.kind)
    }

    private func fitting(_ state: LayerState, _ what: String, _ N: Int) throws -> LayerState {
        for tensor in state.tensors where tensor.shape != [N, cell.units] {
            throw LayerError.wrongShape(what: what, found: tensor.shape, expected: [N, cell.units])
        }
        guard (state.cell != nil) == cell.kind.hasCellState else {
            throw LayerError.mismatched(
                "\(what) \(state.cell == nil ? "lacks the cell state" : "has a cell state") that this layer "
                    + (cell.kind.hasCellState ? "needs" : "does not have"))
        }
        return state
    }

    /// Rows of the output that Keras leaves at zero: the masked ones, if ``zeroOutputForMask`` is set; else those before
    /// the first unmasked step of a sequence, which differ from the state only where that does not begin at zero.
    private func zeroedRows(_ batch: SequenceBatch, start: LayerState) -> [Int] {
        guard let mask = batch.mask else { return [] }
        let N = batch.batchSize
        if options.returnSequences && zeroOutputForMask { return mask.indices.filter { mask[$0] == 0 } }
        if start.tensors.allSatisfy({ $0.values.allSatisfy { $0 == 0 } }) { return [] }
        let beginnings = (0..<N).map { n in (0..<batch.steps).first { mask[$0 * N + n] != 0 } ?? batch.steps }
        guard options.returnSequences else { return (0..<N).filter { beginnings[$0] == batch.steps } }
        return (0..<N).flatMap { n in (0..<beginnings[n]).map { $0 * N + n } }
    }
}
