import ChargenTensor

/// The sequences of one pass over time, without their rows.
package struct SequenceBatch {
    /// Time steps, T.
    package var steps: Int
    /// Sequences side by side, N.
    package var batchSize: Int
    /// `[T·N]`: a step whose number is zero leaves its sequence's state as it is; nil if there is no such step.
    package var mask: [UInt8]?
    /// The numbers of the hidden state that are hidden from the recurrent product, the same at every step (Gal and
    /// Ghahramani, "A Theoretically Grounded Application of Dropout in Recurrent Neural Networks", 2016); nil for none.
    package var recurrentDropout: DropoutDraw?

    package init(
        steps: Int, batchSize: Int, mask: [UInt8]? = nil, recurrentDropout: DropoutDraw? = nil
    ) {
        self.steps = steps
        self.batchSize = batchSize
        self.mask = mask
        self.recurrentDropout = recurrentDropout
    }

    /// T·N.
    package var rows: Int { steps * batchSize }
}

/// Runs a recurrent cell over time: the only time loop there is. State goes in and comes out; what remains between calls is
/// the activations of the last forward pass, which one backward pass consumes.
package final class TimeLoop {
    package let cell: RecurrentCell
    private var memory: TimeLoopMemory?
    private let kernel, transposedKernel: PackedKernel
    private let recurrent, transposedRecurrent: PackedKernel
    private let candidate, transposedCandidate: PackedKernel?

    package init(_ cell: RecurrentCell) {
        self.cell = cell
        kernel = PackedKernel(cell.kernel, .straight)
        transposedKernel = PackedKernel(cell.kernel, .transposed)
        recurrent = PackedKernel(cell.recurrentKernel, .gates)
        transposedRecurrent = PackedKernel(cell.recurrentKernel, .transposed)
        candidate = cell.candidateKernel.map { PackedKernel($0, .gates) }
        transposedCandidate = cell.candidateKernel.map { PackedKernel($0, .transposed) }
    }

    /// Runs all steps of `input` from `state`, which becomes the final state.
    /// - Returns: the outputs `[T·N, H]`, valid until the next pass.
    package func forward(
        _ input: InputRows, _ batch: SequenceBatch, state: inout LayerState, _ parameters: PassParameters
    ) -> Operand {
        let (N, T, backend) = (batch.batchSize, batch.steps, parameters.backend)
        let memory = memory(for: batch, parameters.precision)
        setInitialState(state, batch, memory, on: backend)
        var pass = pass(batch, memory, recurrent(parameters), candidate?.callAsFunction(parameters))
        pass.bias = cell.bias.map { parameters[$0] } ?? memory.noBias
        pass.recurrentBias = cell.recurrentBias.map { parameters[$0] } ?? memory.noRecurrentBias
        func run(_ steps: Range<Int>, _ input: RecurrentPass.Input) {
            pass.steps = steps
            pass.input = input
            backend.recurrentForward(pass)
        }
        func product(_ rows: Operand) -> Matrix {
            let kernel = kernel(parameters), products = memory.products.matrix(rows.rows, kernel.columns)
            backend.measure(.inputProducts) { backend.product(rows, kernel, bias: nil, into: products) }
            return products
        }
        switch input {
        case .tokens: preconditionFailure("a recurrent cell reads rows of numbers, not token ids")
        case .oneHot(let tokens, _):
            // A one-hot input times the kernel is a row of the kernel.
            run(0..<T, .table(parameters[cell.kernel], tokens: tokens))
        case .gathered(let table, let indices):
            run(0..<T, .table(product(table), tokens: indices))
        case .numbers(let rows):
            // As many steps at once as stay in cache until the recurrence reads them.
            let chunk = max(1, min(T, TimeLoopMemory.chunkRows / N))
            for first in stride(from: 0, to: T, by: chunk) {
                let last = min(first + chunk, T)
                run(first..<last, .rows(product(rows[first * N..<last * N]), first: first))
            }
        }
        memory.hidden[T * N..<(T + 1) * N].copy(to: &state.hidden.values)
        if cell.kind.hasCellState, let cell = memory.cell, var values = state.cell {
            cell[T * N..<(T + 1) * N].copy(to: &values.values)
            state.cell = values
        }
        return memory.hidden[N..<(T + 1) * N]
    }

    /// Backpropagates through all steps of the last ``forward(_:_:state:_:)``, once: writes the parameters' gradients, and
    /// returns the gradient of the initial state.
    /// - Parameters:
    ///   - outputGradient: `[T·N, H]`.
    ///   - inputGradient: receives the gradient of the input's rows (of the table's rows for gathered ones); may be the
    ///     memory of `outputGradient`.
    package func backward(
        _ input: InputRows, _ batch: SequenceBatch, outputGradient: Matrix, finalStateGradient: LayerState?,
        inputGradient: Matrix?, _ parameters: PassParameters, gradients: ParameterBuffer
    ) -> LayerState {
        guard let memory else { preconditionFailure("there is no forward pass to backpropagate through") }
        let (N, backend) = (batch.batchSize, parameters.backend)
        let hidden = memory.hiddenGradient[0..<N], cell = memory.cellGradient?[0..<N]
        Self.set(finalStateGradient, hidden, cell)
        backend.recurrentBackward(
            pass(batch, memory, transposedRecurrent(parameters), transposedCandidate?.callAsFunction(parameters)),
            gradient: RecurrentPassGradient(output: outputGradient, hidden: hidden, cell: cell))
        backend.measure(.recurrentProducts) { recurrentGradients(batch, memory, parameters, into: gradients) }
        backend.measure(.inputProducts) {
            inputGradients(input, memory.gates[0..<batch.rows], memory, inputGradient, parameters, into: gradients)
        }
        return LayerState(hidden: hidden.tensor(), cell: cell?.tensor())
    }
}

// MARK: - Parts of a pass

extension TimeLoop {
    /// Memory for the pass: that of the last one, if it is large enough.
    private func memory(for batch: SequenceBatch, _ precision: OperandPrecision) -> TimeLoopMemory {
        if let memory, memory.fits(batch, precision) { return memory }
        let made = TimeLoopMemory(
            cell.kind, units: cell.units, rows: max(batch.rows, memory?.rows ?? 0),
            batchSize: max(batch.batchSize, memory?.batchSize ?? 0), precision: precision,
            hasDropout: batch.recurrentDropout != nil || memory?.dropout != nil)
        memory = made
        return made
    }

    /// The buffers as the backend takes them, over all steps and without an input.
    private func pass(
        _ batch: SequenceBatch, _ memory: TimeLoopMemory, _ recurrent: PackedMatrix, _ candidate: PackedMatrix?
    ) -> RecurrentPass {
        var pass = RecurrentPass(
            kind: cell.kind, steps: 0..<batch.steps, batchSize: batch.batchSize, input: .none, gates: memory.gates,
            hidden: memory.hidden, recurrent: recurrent)
        pass.candidate = candidate
        pass.activation = cell.options.activation
        pass.recurrentActivation = cell.options.recurrentActivation
        pass.cell = memory.cell
        pass.reset = memory.reset
        pass.mask = batch.mask
        if batch.recurrentDropout != nil, let (factors, states) = memory.dropout {
            pass.dropout = (factors[0..<batch.batchSize], states)
        }
        return pass
    }

    private func setInitialState(
        _ state: LayerState, _ batch: SequenceBatch, _ memory: TimeLoopMemory, on backend: any Backend
    ) {
        let N = batch.batchSize, start = memory.start[0..<N]
        precondition(
            state.hidden.shape == start.shape && state.cell?.shape == (cell.kind.hasCellState ? start.shape : nil),
            "state \(state.hidden.shape), \(state.cell?.shape ?? []) for \(cell.kind) \(start.shape)")
        start.assign(state.hidden.values)
        backend.convert(start, into: memory.hidden[0..<N])
        memory.cell?[0..<N].assign((state.cell ?? state.hidden).values)
        guard let draw = batch.recurrentDropout, let dropout = memory.dropout else { return }
        let factors = dropout.factors[0..<N]
        factors.fill(1)
        backend.dropout(draw, Operand(factors), period: N, into: Operand(factors))
        start.multiply(by: factors)
        backend.convert(start, into: dropout.states[0..<N])
    }

    /// Writes the gradients of the recurrent kernels and of the recurrent bias.
    private func recurrentGradients(
        _ batch: SequenceBatch, _ memory: TimeLoopMemory, _ parameters: PassParameters, into gradients: ParameterBuffer
    ) {
        let (H, kind, rows) = (cell.units, cell.kind, batch.rows)
        let all = memory.gates[0..<rows], scratch = parameters.scratch, backend = parameters.backend
        let gates = all.columns(kind.firstGate * H..<(kind.firstGate + kind.gates) * H)
        let states = batch.recurrentDropout.flatMap { _ in memory.dropout?.states } ?? memory.hidden
        // [H, gates·H]: the states before each step, transposed, times the gates' gradients [T·N, gates·H].
        backend.transposedProduct(states[0..<rows], gates, scratch: scratch, into: gradients[cell.recurrentKernel])
        if let kernel = cell.candidateKernel, let reset = memory.reset {
            backend.transposedProduct(reset[0..<rows], all.columns(0..<H), scratch: scratch, into: gradients[kernel])
        }
        if let bias = cell.recurrentBias { backend.columnSums(gates, into: gradients[bias]) }
    }

    /// Writes the gradients of the kernel, of the bias and of the input from the gates' gradients `all [T·N, slots·H]`.
    private func inputGradients(
        _ input: InputRows, _ all: Operand, _ memory: TimeLoopMemory, _ inputGradient: Matrix?,
        _ parameters: PassParameters, into gradients: ParameterBuffer
    ) {
        let backend = parameters.backend, gates = all.columns(0..<cell.kind.inputs * cell.units)
        /// The bias's gradient is the sum of all rows of the gates' gradients, or of `sums`, to which each was added.
        func biasGradient(_ sums: Operand) {
            if let bias = cell.bias { backend.columnSums(sums, into: gradients[bias]) }
        }
        /// The gradients of a product of `rows` with the kernel, from the gradient of its result.
        func productGradients(_ rows: Operand, _ result: Operand) {
            backend.transposedProduct(rows, result, scratch: parameters.scratch, into: gradients[cell.kernel])
            guard let inputGradient else { return }
            backend.product(result, transposedKernel(parameters), bias: nil, into: inputGradient)
        }
        switch input {
        case .tokens: preconditionFailure("token ids have no gradient")
        case .oneHot(let tokens, _):
            // Each row of the gates' gradients goes to the row of the kernel [V, inputs·H] that the token selected.
            let kernel = gradients[cell.kernel]
            backend.scatter(gates, tokens: tokens, into: kernel)
            biasGradient(kernel.rows < gates.rows ? Operand(kernel) : gates)
        case .gathered(let table, let indices):
            let sums = memory.productGradient.matrix(table.rows, gates.columns)
            let rounded = memory.productGradient.operand(table.rows, gates.columns, gates.precision)
            backend.scatter(gates, tokens: indices, into: sums)
            biasGradient(Operand(sums))
            backend.convert(sums, into: rounded)
            productGradients(table, rounded)
        case .numbers(let rows):
            biasGradient(gates)
            productGradients(rows, gates)
        }
    }

    private static func set(_ state: LayerState?, _ hidden: Matrix, _ cell: Matrix?) {
        guard let state else {
            hidden.fill(0)
            cell?.fill(0)
            return
        }
        precondition(
            state.hidden.shape == hidden.shape && state.cell?.shape == cell?.shape,
            "state \(state.hidden.shape), \(state.cell?.shape ?? []) for \(hidden.shape), \(cell?.shape ?? [])")
        hidden.assign(state.hidden.values)
        if let cell, let values = state.cell { cell.assign(values.values) }
    }
}
