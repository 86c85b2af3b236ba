import ChargenTensor

/// The sequences of one pass over time, without their rows.
package struct SequenceBatch {
    /// Time steps, T.
    package var steps: Int
    /// Sequences side by side, N.
    package var batchSize: Int
    /// `[T·N]`: a step whose number is zero leaves its sequence's state as it is; nil if there is no such step.
    package var mask: Mask?
    /// The numbers of the hidden state that are hidden from the recurrent product, the same at every step (Gal and
    /// Ghahramani, "A Theoretically Grounded Application of Dropout in Recurrent Neural Networks", 2016); nil for none.
    package var recurrentDropout: DropoutDraw?

    package init(
        steps: Int, batchSize: Int, mask: Mask? = nil, recurrentDropout: DropoutDraw? = nil
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

    /// Rows of input products that are computed at once, unless a single step has more: few enough to stay in cache.
    package static let chunkRows = 512

    package init(_ cell: RecurrentCell) { self.cell = cell }

    /// Runs all steps of `input` from `state` (nil: from zero), which becomes the final state, in memory of its own.
    /// - Returns: the outputs `[T·N, H]`, valid until the next pass.
    package func forward(
        _ input: InputRows, _ batch: SequenceBatch, state: inout BatchState?, _ parameters: PassParameters
    ) -> Operand {
        let (N, T, backend) = (batch.batchSize, batch.steps, parameters.backend)
        let memory = memory(for: batch, parameters.precision, on: backend)
        setInitialState(state, batch, memory, on: backend)
        var pass = pass(batch, memory, .gates, parameters)
        pass.bias = cell.bias.map { parameters[$0] } ?? memory.noBias
        pass.recurrentBias = cell.recurrentBias.map { parameters[$0] } ?? memory.noRecurrentBias
        func run(_ steps: Range<Int>, _ input: RecurrentPass.Input) {
            pass.steps = steps
            pass.input = input
            backend.recurrentForward(pass)
        }
        func product(_ rows: Operand) -> Matrix {
            let kernel = parameters.packed(cell.kernel, .straight)
            let products = memory.products.matrix(rows.rows, kernel.columns, on: backend)
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
            let chunk = max(1, min(T, Self.chunkRows / N))
            for first in stride(from: 0, to: T, by: chunk) {
                let last = min(first + chunk, T)
                run(first..<last, .rows(product(rows[first * N..<last * N]), first: first))
            }
        }
        // The next pass overwrites the loop's own memory.
        let final = T * N..<(T + 1) * N
        state = BatchState(
            hidden: backend.makeCopy(of: memory.hidden[final]),
            cell: cell.kind.hasCellState ? memory.cell.map { backend.makeCopy(of: Operand($0[final])) } : nil)
        return memory.hidden[N..<(T + 1) * N]
    }

    /// Backpropagates through all steps of the last ``forward(_:_:state:_:)``, once: writes the parameters' gradients, and
    /// returns the gradient of the initial state, valid until the next pass.
    /// - Parameters:
    ///   - outputGradient: `[T·N, H]`.
    ///   - inputGradient: receives the gradient of the input's rows (of the table's rows for gathered ones); may be the
    ///     memory of `outputGradient`.
    package func backward(
        _ input: InputRows, _ batch: SequenceBatch, outputGradient: Matrix, finalStateGradient: BatchState?,
        inputGradient: Matrix?, _ parameters: PassParameters, gradients: ParameterBuffer
    ) -> BatchState {
        guard let memory else { preconditionFailure("there is no forward pass to backpropagate through") }
        let (N, backend) = (batch.batchSize, parameters.backend)
        let hidden = memory.hiddenGradient[0..<N], cell = memory.cellGradient?[0..<N]
        Self.set(finalStateGradient, hidden, cell, on: backend)
        backend.recurrentBackward(
            pass(batch, memory, .transposed, parameters),
            gradient: RecurrentPassGradient(output: outputGradient, hidden: hidden, cell: cell))
        backend.measure(.recurrentProducts) { recurrentGradients(batch, memory, parameters, into: gradients) }
        backend.measure(.inputProducts) {
            inputGradients(input, memory.gates[0..<batch.rows], memory, inputGradient, parameters, into: gradients)
        }
        return BatchState(hidden: hidden, cell: cell)
    }
}

// MARK: - Parts of a pass

extension TimeLoop {
    /// Memory for the pass: that of the last one, if it is large enough.
    private func memory(
        for batch: SequenceBatch, _ precision: OperandPrecision, on backend: any Backend
    ) -> TimeLoopMemory {
        if let memory, memory.fits(batch, precision) { return memory }
        let made = TimeLoopMemory(
            cell.kind, units: cell.units, isNormalized: cell.gain != nil, rows: max(batch.rows, memory?.rows ?? 0),
            batchSize: max(batch.batchSize, memory?.batchSize ?? 0), precision: precision,
            hasDropout: batch.recurrentDropout != nil || memory?.dropout != nil, on: backend)
        memory = made
        return made
    }

    /// The buffers as the backend takes them, over all steps and without an input. The recurrent kernels are packed in `form`.
    private func pass(
        _ batch: SequenceBatch, _ memory: TimeLoopMemory, _ form: PackedKernels.Form, _ parameters: PassParameters
    ) -> RecurrentPass {
        var pass = RecurrentPass(
            kind: cell.kind, steps: 0..<batch.steps, batchSize: batch.batchSize, input: .none, gates: memory.gates,
            hidden: memory.hidden, recurrent: parameters.packed(cell.recurrentKernel, form))
        pass.second = cell.secondKernel.map { parameters.packed($0, form) }
        pass.activation = cell.options.activation
        pass.recurrentActivation = cell.options.recurrentActivation
        pass.cell = memory.cell
        pass.intermediate = memory.intermediate
        if let gain = cell.gain, let norm = memory.norm { pass.norm = norm.pass(gain: parameters[gain]) }
        pass.mask = batch.mask
        if batch.recurrentDropout != nil, let (factors, states) = memory.dropout {
            pass.dropout = (factors[0..<batch.batchSize], states)
        }
        return pass
    }

    private func setInitialState(
        _ state: BatchState?, _ batch: SequenceBatch, _ memory: TimeLoopMemory, on backend: any Backend
    ) {
        let N = batch.batchSize, start = memory.start[0..<N]
        Self.set(state, start, nil, on: backend)
        backend.copy(Operand(start), into: memory.hidden[0..<N])
        if let cell = memory.cell?[0..<N] {
            if let state { backend.copy(state.cell ?? state.hidden, into: cell) } else { backend.fill(cell, with: 0) }
        }
        guard let draw = batch.recurrentDropout, let dropout = memory.dropout else { return }
        let factors = dropout.factors[0..<N]
        backend.fill(factors, with: 1)
        backend.dropout(draw, Operand(factors), period: N, into: Operand(factors))
        backend.multiply(start, by: factors)
        backend.copy(Operand(start), into: dropout.states[0..<N])
    }

    /// Writes the gradients of the recurrent kernels and of the recurrent bias.
    private func recurrentGradients(
        _ batch: SequenceBatch, _ memory: TimeLoopMemory, _ parameters: PassParameters, into gradients: ParameterBuffer
    ) {
        let (H, kind, rows) = (cell.units, cell.kind, batch.rows)
        let all = memory.gates[0..<rows], backend = parameters.backend
        let gates = all.columns(kind.firstGate * H..<(kind.firstGate + kind.gates) * H)
        let products = memory.norm.map { $0.gradients[0..<rows] } ?? gates
        let hidden = (batch.recurrentDropout.flatMap { _ in memory.dropout?.states } ?? memory.hidden)[0..<rows]
        // [H, gates·H]: the states before each step, transposed, times the gradients of the products [T·N, gates·H].
        switch (kind.secondProduct, cell.secondKernel, memory.intermediate?[0..<rows]) {
        case (.ofIntermediateState(let slot), let kernel?, let intermediate?):
            parameters.transposedProduct(hidden, products, into: gradients[cell.recurrentKernel])
            parameters.transposedProduct(
                intermediate, all.columns(slot * H..<(slot + 1) * H), into: gradients[kernel])
        case (.ofHiddenState(let slot), let kernel?, let intermediate?):
            parameters.transposedProduct(intermediate, products, into: gradients[cell.recurrentKernel])
            parameters.transposedProduct(hidden, all.columns(slot * H..<(slot + 1) * H), into: gradients[kernel])
        default: parameters.transposedProduct(hidden, products, into: gradients[cell.recurrentKernel])
        }
        if let gain = cell.gain, let norm = memory.norm {
            backend.columnSums(ofProducts: gates, norm.values[0..<rows], into: gradients[gain])
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
            parameters.transposedProduct(rows, result, into: gradients[cell.kernel])
            guard let inputGradient else { return }
            backend.product(result, parameters.packed(cell.kernel, .transposed), bias: nil, into: inputGradient)
        }
        switch input {
        case .tokens: preconditionFailure("token ids have no gradient")
        case .oneHot(let tokens, _):
            // Each row of the gates' gradients goes to the row of the kernel [V, inputs·H] that the token selected.
            let kernel = gradients[cell.kernel]
            backend.scatter(gates, tokens: tokens, into: kernel)
            biasGradient(kernel.rows < gates.rows ? Operand(kernel) : gates)
        case .gathered(let table, let indices):
            let sums = memory.productGradient.matrix(table.rows, gates.columns, on: backend)
            let rounded = memory.productGradient.operand(
                table.rows, gates.columns, gates.precision, on: backend)
            backend.scatter(gates, tokens: indices, into: sums)
            biasGradient(Operand(sums))
            backend.copy(Operand(sums), into: rounded)
            productGradients(table, rounded)
        case .numbers(let rows):
            biasGradient(gates)
            productGradients(rows, gates)
        }
    }

    /// Copies a state to the given memory; zero where there is none.
    private static func set(_ state: BatchState?, _ hidden: Matrix, _ cell: Matrix?, on backend: any Backend) {
        guard let state else {
            backend.fill(hidden, with: 0)
            if let cell { backend.fill(cell, with: 0) }
            return
        }
        precondition(
            state.hidden.shape == hidden.shape && (cell == nil || state.cell?.shape == cell?.shape),
            "state \(state.hidden.shape), \(state.cell?.shape ?? []) for \(hidden.shape), \(cell?.shape ?? [])")
        backend.copy(state.hidden, into: hidden)
        if let cell, let values = state.cell { backend.copy(values, into: cell) }
    }
}
