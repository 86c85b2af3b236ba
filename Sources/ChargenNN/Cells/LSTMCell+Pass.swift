import ChargenTensor

extension LSTMCell {
    package func makeTape(steps: Int, batchSize: Int, training: Bool, on backend: any Backend) -> LSTMTape {
        LSTMTape(steps: steps, batchSize: batchSize, hiddenSize: hiddenSize, training: training, on: backend)
    }

    package func prepare(_ tape: LSTMTape, parameters: ParameterBuffer, on backend: any Backend) {
        backend.packGates(parameters[recurrentKernel], into: tape.recurrent)
        if let back = tape.back { backend.pack(parameters[recurrentKernel], transposed: true, into: back.recurrent) }
    }

    package func setInitialState(_ state: LayerState?, of tape: LSTMTape, batchSize N: Int) {
        Self.set(state, tape.hidden[0..<N], tape.cell[0..<N])
    }

    package func state(before step: Int, of tape: LSTMTape, batchSize N: Int, into state: inout LayerState) {
        tape.hidden[step * N..<(step + 1) * N].copy(to: &state.hidden.values)
        tape.cell[step * N..<(step + 1) * N].copy(to: &state.cell.values)
    }

    package func outputs(of tape: LSTMTape, steps: Int, batchSize N: Int) -> Matrix {
        tape.hidden[N..<(steps + 1) * N]
    }

    package func forward(
        steps: Range<Int>, tokens: [Int32], batchSize: Int, tape: LSTMTape, parameters: ParameterBuffer,
        on backend: any Backend
    ) {
        // A one-hot input times the kernel is a row of the kernel.
        backend.lstmForward(
            pass(steps, batchSize, tape, input: parameters[kernel], tokens: tokens, bias: parameters[bias]),
            recurrent: tape.recurrent)
    }

    package func setFinalStateGradient(_ gradient: LayerState?, of tape: LSTMTape, batchSize N: Int) {
        Self.set(gradient, tape.backward.hidden[0..<N], tape.backward.cell[0..<N])
    }

    package func backward(
        steps: Range<Int>, batchSize N: Int, outputGradient: Matrix, tape: LSTMTape, on backend: any Backend
    ) {
        let back = tape.backward
        // The way back reads no inputs; the gates' own memory stands in for them.
        backend.lstmBackward(
            pass(steps, N, tape, input: tape.gates, tokens: nil, bias: back.gates[0..<1]),
            gradient: LSTMPassGradient(
                output: outputGradient, gates: back.gates, hidden: back.hidden[0..<N], cell: back.cell[0..<N]),
            recurrent: back.recurrent)
    }

    package func stateGradient(of tape: LSTMTape, batchSize N: Int) -> LayerState {
        LayerState(hidden: tape.backward.hidden[0..<N].tensor(), cell: tape.backward.cell[0..<N].tensor())
    }

    package func parameterGradients(
        into gradients: ParameterBuffer, steps T: Int, tokens: [Int32], batchSize N: Int, tape: LSTMTape,
        on backend: any Backend
    ) {
        let back = tape.backward
        let gates = back.gates[0..<T * N]
        // The kernel's gradient [V, 4H]: each row of the gates' goes to the row that the token had picked.
        gradients[kernel].fill(0)
        backend.scatterAdd(gates, tokens: tokens, into: gradients[kernel])
        // The recurrent kernel's [H, 4H]: states before each step, transposed, times the gates' [T·N, 4H].
        backend.pack(gates, transposed: false, into: back.packedGates)
        backend.product(
            tape.hidden[0..<T * N], transposed: true, back.packedGates, bias: nil, into: gradients[recurrentKernel])
        backend.columnSums(gates, into: gradients[bias])
    }

    private func pass(
        _ steps: Range<Int>, _ batchSize: Int, _ tape: LSTMTape, input: Matrix, tokens: [Int32]?, bias: Matrix
    ) -> LSTMPass {
        LSTMPass(
            steps: steps, batchSize: batchSize, input: input, tokens: tokens, bias: bias, gates: tape.gates,
            hidden: tape.hidden, cell: tape.cell)
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
