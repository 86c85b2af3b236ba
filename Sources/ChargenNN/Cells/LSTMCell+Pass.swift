import ChargenTensor

extension LSTMCell {
    package func makeTape(_ size: PassSize, input: CellInput.Kind, on backend: any Backend) -> LSTMTape {
        LSTMTape(size, inputSize: inputSize, hiddenSize: hiddenSize, input: input, on: backend)
    }

    package func prepare(_ tape: LSTMTape, parameters: ParameterBuffer, on backend: any Backend) {
        backend.measure(.packing) {
            backend.packGates(parameters[recurrentKernel], into: tape.recurrent)
            if let back = tape.back { backend.pack(parameters[recurrentKernel], transposed: true, into: back.recurrent) }
            if let input = tape.input {
                backend.pack(parameters[kernel], transposed: false, into: input.kernel)
                if let back = input.back { backend.pack(parameters[kernel], transposed: true, into: back.kernel) }
            }
        }
    }

    package func setInitialState(
        _ state: LayerState?, of tape: LSTMTape, batchSize N: Int, on backend: any Backend
    ) {
        // The first step's own cell states are free until it has run.
        let hidden = tape.cell[N..<2 * N]
        Self.set(state, hidden, tape.cell[0..<N])
        backend.convert(hidden, into: tape.hidden[0..<N])
    }

    package func state(before step: Int, of tape: LSTMTape, batchSize N: Int, into state: inout LayerState) {
        tape.hidden[step * N..<(step + 1) * N].copy(to: &state.hidden.values)
        tape.cell[step * N..<(step + 1) * N].copy(to: &state.cell.values)
    }

    package func outputs(of tape: LSTMTape, steps: Int, batchSize N: Int) -> Operand {
        tape.hidden[N..<(steps + 1) * N]
    }

    package func forward(
        steps: Range<Int>, input: CellInput, batchSize N: Int, tape: LSTMTape, parameters: ParameterBuffer,
        on backend: any Backend
    ) {
        func run(_ steps: Range<Int>, _ input: LSTMPass.Input) {
            backend.lstmForward(
                pass(steps, N, tape, input: input, bias: parameters[bias]), recurrent: tape.recurrent)
        }
        switch input {
        case .oneHot(let tokens):
            // A one-hot input times the kernel is a row of the kernel.
            run(steps, .table(parameters[kernel], tokens: tokens))
        case .gathered(let rows, let indices):
            let products = tape.gathering.products[0..<rows.rows]
            backend.measure(.inputProducts) {
                backend.product(rows, tape.gathering.kernel, bias: nil, into: products)
            }
            run(steps, .table(products, tokens: indices))
        case .sequence(let rows):
            // As many steps at once as stay in cache until the recurrence reads them.
            let chunk = tape.gathering.products.rows / N
            for first in stride(from: steps.lowerBound, to: steps.upperBound, by: chunk) {
                let last = min(first + chunk, steps.upperBound)
                let products = tape.gathering.products[0..<(last - first) * N]
                backend.measure(.inputProducts) {
                    backend.product(rows[first * N..<last * N], tape.gathering.kernel, bias: nil, into: products)
                }
                run(first..<last, .rows(products, first: first))
            }
        }
    }

    package func setFinalStateGradient(_ gradient: LayerState?, of tape: LSTMTape, batchSize N: Int) {
        Self.set(gradient, tape.backward.hidden[0..<N], tape.backward.cell[0..<N])
    }

    package func backward(
        steps: Range<Int>, batchSize N: Int, outputGradient: Matrix, tape: LSTMTape, on backend: any Backend
    ) {
        let back = tape.backward
        backend.lstmBackward(
            pass(steps, N, tape, input: .none, bias: nil),
            gradient: LSTMPassGradient(output: outputGradient, hidden: back.hidden[0..<N], cell: back.cell[0..<N]),
            recurrent: back.recurrent)
    }

    package func stateGradient(of tape: LSTMTape, batchSize N: Int) -> LayerState {
        LayerState(hidden: tape.backward.hidden[0..<N].tensor(), cell: tape.backward.cell[0..<N].tensor())
    }

    package func parameterGradients(
        into gradients: ParameterBuffer, inputGradient: Matrix?, steps T: Int, input: CellInput, batchSize N: Int,
        tape: LSTMTape, on backend: any Backend
    ) {
        let gates = tape.gates[0..<T * N], scratch = tape.backward.scratch
        backend.measure(.recurrentProducts) {
            // [H, 4H]: states before each step, transposed, times the gates' gradients [T·N, 4H].
            backend.transposedProduct(
                tape.hidden[0..<T * N], gates, scratch: scratch, into: gradients[recurrentKernel])
        }
        backend.measure(.inputProducts) {
            switch input {
            case .oneHot(let tokens):
                // Each row of the gates' gradients goes to the row of the kernel [V, 4H] that the token had picked.
                backend.scatter(gates, tokens: tokens, into: gradients[kernel])
                // Every row was added to one row of the kernel's gradient, which is shorter for small vocabularies.
                let fewer = gradients[kernel].rows < gates.rows ? Operand(gradients[kernel]) : gates
                backend.columnSums(fewer, into: gradients[bias])
            case .gathered(let rows, let indices):
                guard let back = tape.gathering.back, let (sums, rounded) = back.gradient else {
                    preconditionFailure("a tape for other inputs than gathered ones")
                }
                let some = sums[0..<rows.rows]
                backend.scatter(gates, tokens: indices, into: some)
                backend.columnSums(Operand(some), into: gradients[bias])
                let product = rounded[0..<rows.rows]
                backend.convert(some, into: product)
                backend.transposedProduct(rows, product, scratch: scratch, into: gradients[kernel])
                if let inputGradient { backend.product(product, back.kernel, bias: nil, into: inputGradient) }
            case .sequence(let rows):
                guard let back = tape.gathering.back else { preconditionFailure("a tape for inference has no way back") }
                backend.transposedProduct(rows[0..<T * N], gates, scratch: scratch, into: gradients[kernel])
                backend.columnSums(gates, into: gradients[bias])
                if let inputGradient { backend.product(gates, back.kernel, bias: nil, into: inputGradient) }
            }
        }
    }

    private func pass(
        _ steps: Range<Int>, _ batchSize: Int, _ tape: LSTMTape, input: LSTMPass.Input, bias: Matrix?
    ) -> LSTMPass {
        LSTMPass(
            steps: steps, batchSize: batchSize, input: input, bias: bias, gates: tape.gates, hidden: tape.hidden,
            cell: tape.cell)
    }

    private static func set(_ state: LayerState?, _ hidden: Matrix, _ cell: Matrix) {
        if let state {
            precondition(
                state.hidden.shape == hidden.shape && state.cell.shape == cell.shape,
                "state \(state.hidden.shape), \(state.cell.shape) for \(hidden.shape)")
            hidden.assign(state.hidden.values)
            cell.assign(state.cell.values)
        } else {
            hidden.fill(0)
            cell.fill(0)
        }
    }
}
