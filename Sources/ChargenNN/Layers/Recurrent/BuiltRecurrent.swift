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
        let mask = mask(of: input), batch = try batch(of: input, mask, pass)
        let (T, N, H) = (batch.steps, batch.batchSize, cell.units)
        let inputDraw = pass.draw(rate: options.dropout)
        let rows = try arranged(input, inputDraw, pass)
        var state = try initialState(&signal, batchSize: N)
        let zeroed = zeroedRows(mask, batch, startsAtZero: state == nil)
        let hidden = loop.forward(rows, batch, state: &state, pass.parameters)
        if options.stateful { carriedState = state }
        if options.returnState, let state { signal.finalStates.append(state) }
        last = LastPass(rows: rows, batch: batch, inputDraw: inputDraw, zeroed: zeroed)

        var result = options.returnSequences ? hidden : hidden[(T - 1) * N..<T * N]
        if !zeroed.isEmpty {
            // The hidden states themselves are needed for the backward pass.
            let copy = outputs.operand(result.rows, H, result.precision, on: pass.backend)
            pass.backend.copy(result, into: copy)
            for row in zeroed { pass.backend.fill(copy[row..<row + 1], with: 0) }
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
        let backend = pass.backend, given = gradient.matrix(gradients, on: backend)
        for row in last.zeroed { backend.fill(given[row..<row + 1], with: 0) }
        var output = given
        if !options.returnSequences {
            output = outputs.matrix(T * N, cell.units, on: backend)
            backend.fill(output, with: 0)
            backend.copy(given, into: output[(T - 1) * N..<T * N])
        }
        var result = gradient, target: Matrix?, isOfTable = false
        switch last.rows {
        case .tokens, .oneHot: break
        case .gathered(let table, _):
            target = inputGradients.matrix(table.rows, D, on: backend)
            isOfTable = true
        case .numbers:
            // The output's gradient is not needed once the gates have theirs.
            target = output.columns == D ? output : inputGradients.matrix(T * N, D, on: backend)
        }
        let start = loop.backward(
            last.rows, last.batch, outputGradient: output,
            finalStateGradient: options.returnState ? result.finalStates.popLast() : nil, inputGradient: target,
            pass.parameters, gradients: pass.gradientMemory)
        result.initialStates.insert(start, at: 0)
        guard let target, !isOfTable else { return result.with(target, isOfTable: isOfTable) }
        if let draw = last.inputDraw {
            backend.dropout(draw, Operand(target), period: N, into: Operand(target))
        }
        guard options.goBackwards else { return result.with(target) }
        let turned = InputRows.numbers(Operand(target)).reversed(batchSize: N, in: reversed, on: backend)
        return result.with(turned.matrix(memory: inputGradients, on: backend))
    }
}

// MARK: - What comes in and what goes out

extension BuiltRecurrent {
    /// `[T·N]`, in the order of reading; nil where no step is masked.
    private func mask(of input: Signal) -> [UInt8]? {
        guard let mask = input.mask, mask.contains(0) else { return nil }
        let N = input.batchSize
        guard options.goBackwards else { return mask }
        return (0..<mask.count / N).reversed().flatMap { mask[$0 * N..<($0 + 1) * N] }
    }

    private func batch(of input: Signal, _ mask: [UInt8]?, _ pass: PassContext) throws -> SequenceBatch {
        guard let steps = input.steps, input.rows.width == cell.inputSize else {
            guard let width = input.rows.width else {
                throw LayerError.wrongInput(expected: "numbers", found: "token ids")
            }
            throw LayerError.wrongShape(
                what: "the input", found: [input.batchSize] + (input.steps.map { [$0] } ?? []) + [width],
                expected: [nil, nil, cell.inputSize])
        }
        return SequenceBatch(
            steps: steps, batchSize: input.batchSize, mask: mask.map { pass.backend.makeMask($0) },
            recurrentDropout: pass.draw(rate: options.recurrentDropout))
    }

    /// The input in the order of reading, some of it dropped where there is a draw.
    private func arranged(_ input: Signal, _ draw: DropoutDraw?, _ pass: PassContext) throws -> InputRows {
        var rows = input.rows
        if draw != nil || rows.areStored { rows = .numbers(try input.operand(converted, pass)) }
        if options.goBackwards { rows = rows.reversed(batchSize: input.batchSize, in: reversed, on: pass.backend) }
        // Every step's block of N rows is dropped alike.
        if let draw, case .numbers(let values) = rows {
            let result = dropped.operand(values.rows, values.columns, values.precision, on: pass.backend)
            pass.backend.dropout(draw, values, period: input.batchSize, into: result)
            rows = .numbers(result)
        }
        return rows
    }

    /// The state that was given, or carried; nil for zero.
    private func initialState(_ signal: inout Signal, batchSize N: Int) throws -> BatchState? {
        if !signal.initialStates.isEmpty {
            return try fitting(signal.initialStates.removeFirst(), "the initial state", N)
        }
        if options.stateful, let carriedState { return try fitting(carriedState, "the state of the last batch", N) }
        return nil
    }

    private func fitting(_ state: BatchState, _ what: String, _ N: Int) throws -> BatchState {
        for matrix in state.matrices where matrix.shape != [N, cell.units] {
            throw LayerError.wrongShape(what: what, found: matrix.shape, expected: [N, cell.units])
        }
        guard (state.cell != nil) == cell.kind.hasCellState else {
            throw LayerError.mismatched(
                "\(what) \(state.cell == nil ? "lacks the cell state" : "has a cell state") that this layer "
                    + (cell.kind.hasCellState ? "needs" : "does not have"))
        }
        return state
    }

    /// Rows of the output that Keras leaves at zero: the masked ones, if ``zeroOutputForMask`` is set; else those before
    /// the first unmasked step of a sequence, which are those of an initial state that is not zero.
    private func zeroedRows(_ mask: [UInt8]?, _ batch: SequenceBatch, startsAtZero: Bool) -> [Int] {
        guard let mask else { return [] }
        let N = batch.batchSize
        if options.returnSequences && zeroOutputForMask { return mask.indices.filter { mask[$0] == 0 } }
        if startsAtZero { return [] }
        let beginnings = (0..<N).map { n in (0..<batch.steps).first { mask[$0 * N + n] != 0 } ?? batch.steps }
        guard options.returnSequences else { return (0..<N).filter { beginnings[$0] == batch.steps } }
        return (0..<N).flatMap { n in (0..<beginnings[n]).map { $0 * N + n } }
    }
}
