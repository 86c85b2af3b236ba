import ChargenTensor

/// A recurrent cell run over time: the only time loop there is. State goes in and comes out; nothing is remembered between
/// calls but the tape of the last one, for the way back.
package struct Recurrent {
    package let cell: RecurrentCell
    private let tape: RecurrentTape
    private let backend: any Backend

    package init(_ cell: RecurrentCell, size: PassSize, input: CellInput.Kind, on backend: any Backend) {
        self.cell = cell
        self.backend = backend
        tape = RecurrentTape(size, cell: cell, input: input, on: backend)
    }

    /// What one pass reads beside its input.
    package struct Pass {
        /// Time steps, T.
        package var steps: Int
        /// Sequences side by side, N.
        package var batchSize: Int
        /// `[T·N]`: a step whose number is zero leaves its sequence's state alone; nil for none such.
        package var mask: [UInt8]?
        /// Which numbers of the state the product with it does not see, the same at every step (Gal and Ghahramani, "A
        /// Theoretically Grounded Application of Dropout in Recurrent Neural Networks", 2016); nil for all seen.
        package var recurrentDropout: DropoutDraw?

        package init(
            steps: Int, batchSize: Int, mask: [UInt8]? = nil, recurrentDropout: DropoutDraw? = nil
        ) {
            self.steps = steps
            self.batchSize = batchSize
            self.mask = mask
            self.recurrentDropout = recurrentDropout
        }
    }

    /// Packs the parameters; to be called again whenever they have changed.
    package func prepare(parameters: ParameterBuffer) {
        backend.measure(.packing) {
            backend.packGates(parameters[cell.recurrentKernel], into: tape.recurrent)
            if let kernel = cell.candidateKernel, let packed = tape.candidate {
                backend.packGates(parameters[kernel], into: packed)
            }
            if let back = tape.back {
                backend.pack(parameters[cell.recurrentKernel], transposed: true, into: back.recurrent)
                if let kernel = cell.candidateKernel, let packed = back.candidate {
                    backend.pack(parameters[kernel], transposed: true, into: packed)
                }
            }
            if let input = tape.input {
                backend.pack(parameters[cell.kernel], transposed: false, into: input.kernel)
                if let back = input.back { backend.pack(parameters[cell.kernel], transposed: true, into: back.kernel) }
            }
        }
    }

    /// Runs all steps of `input` from `state`, which becomes the final state; returns the outputs `[T·N, H]`.
    package func forward(
        _ input: CellInput, _ size: Pass, state: inout LayerState, parameters: ParameterBuffer
    ) -> Operand {
        let (N, T) = (size.batchSize, size.steps)
        setInitialState(state, size)
        func run(_ steps: Range<Int>, _ input: RecurrentPass.Input) {
            backend.recurrentForward(pass(steps, size, input, parameters: parameters))
        }
        switch input {
        case .oneHot(let tokens):
            // A one-hot input times the kernel is a row of the kernel.
            run(0..<T, .table(parameters[cell.kernel], tokens: tokens))
        case .gathered(let rows, let indices):
            let products = tape.gathering.products[0..<rows.rows]
            backend.measure(.inputProducts) {
                backend.product(rows, tape.gathering.kernel, bias: nil, into: products)
            }
            run(0..<T, .table(products, tokens: indices))
        case .sequence(let rows):
            // As many steps at once as stay in cache until the recurrence reads them.
            let chunk = tape.gathering.products.rows / N
            for first in stride(from: 0, to: T, by: chunk) {
                let last = min(first + chunk, T)
                let products = tape.gathering.products[0..<(last - first) * N]
                backend.measure(.inputProducts) {
                    backend.product(rows[first * N..<last * N], tape.gathering.kernel, bias: nil, into: products)
                }
                run(first..<last, .rows(products, first: first))
            }
        }
        tape.hidden[T * N..<(T + 1) * N].copy(to: &state.hidden.values)
        if cell.kind.hasCellState, let cell = tape.cell, var values = state.cell {
            cell[T * N..<(T + 1) * N].copy(to: &values.values)
            state.cell = values
        }
        return tape.hidden[N..<(T + 1) * N]
    }

    /// Goes back over all steps of the last ``forward(_:_:state:parameters:)``, once: writes the parameters' gradients, and
    /// that of the input's rows into `inputGradient`, which may be the memory of `outputGradient [T·N, H]`.
    package func backward(
        _ input: CellInput, _ size: Pass, outputGradient: Matrix, finalStateGradient: LayerState?,
        inputGradient: Matrix?, gradients: ParameterBuffer
    ) {
        let (N, back) = (size.batchSize, tape.backward)
        Self.set(finalStateGradient, back.hidden[0..<N], back.cell?[0..<N])
        backend.recurrentBackward(
            pass(0..<size.steps, size, .none, parameters: nil),
            gradient: RecurrentPassGradient(
                output: outputGradient, hidden: back.hidden[0..<N], cell: back.cell?[0..<N]))
        recurrentGradients(size, into: gradients)
        backend.measure(.inputProducts) {
            inputGradients(input, rows: size.steps * N, into: gradients, inputGradient: inputGradient)
        }
    }

    /// The gradient of the state that the last pass began with.
    package func initialStateGradient(batchSize N: Int) -> LayerState {
        LayerState(hidden: tape.backward.hidden[0..<N].tensor(), cell: tape.backward.cell?[0..<N].tensor())
    }
}

// MARK: - Parts of a pass

extension Recurrent {
    /// The buffers as the backend takes them; on the way back, without `parameters`.
    private func pass(
        _ steps: Range<Int>, _ size: Pass, _ input: RecurrentPass.Input, parameters: ParameterBuffer?
    ) -> RecurrentPass {
        var pass = RecurrentPass(
            kind: cell.kind, steps: steps, batchSize: size.batchSize, input: input, gates: tape.gates, hidden: tape.hidden,
            recurrent: parameters == nil ? tape.backward.recurrent : tape.recurrent)
        pass.candidate = parameters == nil ? tape.backward.candidate : tape.candidate
        pass.activation = cell.specification.activation
        pass.recurrentActivation = cell.specification.recurrentActivation
        pass.cell = tape.cell
        pass.reset = tape.reset
        pass.mask = size.mask
        if size.recurrentDropout != nil { pass.dropout = droppedState(size.batchSize) }
        if let parameters {
            pass.bias = cell.bias.map { parameters[$0] } ?? tape.noBias
            pass.recurrentBias = cell.recurrentBias.map { parameters[$0] } ?? tape.noRecurrentBias
        }
        return pass
    }

    private func droppedState(_ N: Int) -> (factors: Matrix, states: Operand) {
        guard let (factors, states) = tape.dropout else {
            preconditionFailure("a tape without memory for dropout of the state")
        }
        return (factors[0..<N], states)
    }

    private func setInitialState(_ state: LayerState, _ size: Pass) {
        let N = size.batchSize, start = tape.start[0..<N]
        precondition(
            state.hidden.shape == start.shape && state.cell?.shape == (cell.kind.hasCellState ? start.shape : nil),
            "state \(state.hidden.shape), \(state.cell?.shape ?? []) for \(cell.kind) \(start.shape)")
        start.assign(state.hidden.values)
        backend.convert(start, into: tape.hidden[0..<N])
        tape.cell?[0..<N].assign((state.cell ?? state.hidden).values)
        guard let draw = size.recurrentDropout else { return }
        let (factors, states) = droppedState(N)
        factors.fill(1)
        backend.dropout(draw, Operand(factors), period: N, into: Operand(factors))
        start.multiply(by: factors)
        backend.convert(start, into: states[0..<N])
    }

    /// Of the recurrent kernels, and of the recurrent bias.
    private func recurrentGradients(_ size: Pass, into gradients: ParameterBuffer) {
        let (H, kind, rows) = (cell.hiddenSize, cell.kind, size.steps * size.batchSize)
        let scratch = tape.backward.scratch, all = tape.gates[0..<rows]
        let gates = all.columns(kind.firstGate * H..<(kind.firstGate + kind.gates) * H)
        let states = size.recurrentDropout == nil ? tape.hidden : droppedState(size.batchSize).states
        backend.measure(.recurrentProducts) {
            // [H, gates·H]: states before each step, transposed, times the gates' gradients [T·N, gates·H].
            backend.transposedProduct(states[0..<rows], gates, scratch: scratch, into: gradients[cell.recurrentKernel])
            if let kernel = cell.candidateKernel, let reset = tape.reset {
                backend.transposedProduct(
                    reset[0..<rows], all.columns(0..<H), scratch: scratch, into: gradients[kernel])
            }
            if let bias = cell.recurrentBias { backend.columnSums(gates, into: gradients[bias]) }
        }
    }

    /// Of the kernel, the bias and the input.
    private func inputGradients(
        _ input: CellInput, rows: Int, into gradients: ParameterBuffer, inputGradient: Matrix?
    ) {
        let scratch = tape.backward.scratch
        let gates = tape.gates[0..<rows].columns(0..<cell.kind.inputs * cell.hiddenSize)
        /// Every row of the gates was added to one of `sums`, which may be fewer.
        func biasGradient(_ sums: Operand) {
            if let bias = cell.bias { backend.columnSums(sums, into: gradients[bias]) }
        }
        switch input {
        case .oneHot(let tokens):
            // Each row of the gates' gradients goes to the row of the kernel [V, inputs·H] that the token had picked.
            backend.scatter(gates, tokens: tokens, into: gradients[cell.kernel])
            biasGradient(gradients[cell.kernel].rows < gates.rows ? Operand(gradients[cell.kernel]) : gates)
        case .gathered(let rows, let indices):
            guard let back = tape.gathering.back, let (sums, rounded) = back.gradient else {
                preconditionFailure("a tape for other inputs than gathered ones")
            }
            let some = sums[0..<rows.rows]
            backend.scatter(gates, tokens: indices, into: some)
            biasGradient(Operand(some))
            let product = rounded[0..<rows.rows]
            backend.convert(some, into: product)
            backend.transposedProduct(rows, product, scratch: scratch, into: gradients[cell.kernel])
            if let inputGradient { backend.product(product, back.kernel, bias: nil, into: inputGradient) }
        case .sequence(let inputRows):
            guard let back = tape.gathering.back else { preconditionFailure("a tape for inference has no way back") }
            backend.transposedProduct(inputRows[0..<rows], gates, scratch: scratch, into: gradients[cell.kernel])
            biasGradient(gates)
            if let inputGradient { backend.product(gates, back.kernel, bias: nil, into: inputGradient) }
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
