import CChargenKernels
import ChargenTensor

extension CPUBackend {
    package func makeNormScratch(_ kind: CellKind, hiddenSize: Int, batchSize: Int) -> any Storage {
        makeStorage(count: ck_recurrent_scratch(team, table, kind.kernels, batchSize, hiddenSize))
    }

    package func recurrentForward(_ pass: RecurrentPass) {
        if let norm = pass.norm {
            let count = ck_recurrent_scratch(team, table, pass.kind.kernels, pass.batchSize, pass.hidden.columns)
            precondition(norm.scratch.count >= count, "\(norm.scratch.count) words of scratch memory, not \(count)")
        }
        withRecurrent(pass) { ck_recurrent_forward(team, table, &$0) }
    }

    package func recurrentBackward(_ pass: RecurrentPass, gradient: RecurrentPassGradient) {
        let (N, H) = (pass.batchSize, pass.hidden.columns)
        precondition(
            gradient.hidden.shape == [N, H] && (gradient.cell?.shape ?? [N, H]) == [N, H]
                && (gradient.cell != nil) == pass.kind.hasCellState && gradient.output.columns == H
                && gradient.output.rows >= pass.steps.upperBound * N,
            "gradients \(gradient.output.shape), \(gradient.hidden.shape) of N \(N), H \(H)")
        withRecurrent(pass) { recurrent in
            recurrent.d_output = UnsafePointer(gradient.output.pointer)
            recurrent.d_hidden = gradient.hidden.pointer
            recurrent.d_cell = gradient.cell?.pointer
            ck_recurrent_backward(team, table, &recurrent)
        }
    }

    /// Calls `body` with the C structure of `pass`, whose memory exists while `body` runs.
    private func withRecurrent(_ pass: RecurrentPass, _ body: (inout ck_recurrent) -> Void) {
        pass.check()
        var recurrent = ck_recurrent()
        recurrent.kind = pass.kind.kernels
        recurrent.activation = pass.activation.kernels
        recurrent.gate_activation = pass.recurrentActivation.kernels
        recurrent.N = pass.batchSize
        recurrent.H = pass.hidden.columns
        recurrent.first = pass.steps.lowerBound
        recurrent.last = pass.steps.upperBound
        recurrent.bias = (pass.bias?.pointer).map { UnsafePointer($0) }
        recurrent.recurrent_bias = (pass.recurrentBias?.pointer).map { UnsafePointer($0) }
        recurrent.recurrent = UnsafePointer(pass.recurrent.words)
        recurrent.second = (pass.second?.words).map { UnsafePointer($0) }
        recurrent.product_gates = Int32(pass.kind.gates)
        recurrent.gates = pass.gates.operand
        recurrent.hidden = pass.hidden.operand
        recurrent.cell = pass.cell?.pointer
        if let states = pass.intermediate { recurrent.intermediate = states.operand }
        if let norm = pass.norm {
            recurrent.gain = UnsafePointer(norm.gain.pointer)
            recurrent.epsilon = norm.epsilon
            recurrent.raw = norm.scratch.cpu
            recurrent.normalized = norm.values.operand
            recurrent.deviations = norm.deviations.pointer
            recurrent.d_product = norm.gradients.operand
        }
        if let dropout = pass.dropout {
            recurrent.dropout = UnsafePointer(dropout.factors.pointer)
            recurrent.dropped = dropout.states.operand
        }
        recurrent.mask = pass.mask?.pointer
        switch pass.input {
        case .none: break
        case .rows(let input, let first):
            recurrent.input = UnsafePointer(input.pointer)
            recurrent.input_first = first
        case .table(let input, let tokens):
            recurrent.input = UnsafePointer(input.pointer)
            recurrent.tokens = tokens.pointer
        }
        withExtendedLifetime(pass) { counting(&recurrent, body) }
    }

    /// Runs `body`. Where there is a profile, adds the time to products and gates, in the proportion that the first thread
    /// measured.
    private func counting(_ recurrent: inout ck_recurrent, _ body: (inout ck_recurrent) -> Void) {
        guard let profile else { return body(&recurrent) }
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 2) { times in
            times.initialize(repeating: 0)
            recurrent.times = times.baseAddress
            let start = ContinuousClock.now
            body(&recurrent)
            let seconds = (ContinuousClock.now - start).inSeconds
            let share = times[1] / max(times[0] + times[1], 1)
            profile.add(seconds * (1 - share), to: .recurrentProducts)
            profile.add(seconds * share, to: .gates)
        }
    }
}
