import CChargenKernels

extension CPUBackend {
    package func lstmForward(_ pass: LSTMPass, recurrent: PackedMatrix) {
        withLSTM(pass, recurrent: recurrent) { ck_lstm_forward(team, table, &$0) }
    }

    package func lstmBackward(_ pass: LSTMPass, gradient: LSTMPassGradient, recurrent: PackedMatrix) {
        let (N, H) = (pass.batchSize, pass.hidden.columns)
        precondition(
            gradient.hidden.shape == [N, H] && gradient.cell.shape == [N, H] && gradient.output.columns == H
                && gradient.output.rows >= pass.steps.upperBound * N,
            "gradients \(gradient.output.shape), \(gradient.hidden.shape) of N \(N), H \(H)")
        withLSTM(pass, recurrent: recurrent) { lstm in
            lstm.d_output = UnsafePointer(gradient.output.pointer)
            lstm.d_hidden = gradient.hidden.pointer
            lstm.d_cell = gradient.cell.pointer
            ck_lstm_backward(team, table, &lstm)
        }
    }

    /// The C form of `pass`, valid while `body` runs.
    private func withLSTM(_ pass: LSTMPass, recurrent: PackedMatrix, _ body: (inout ck_lstm) -> Void) {
        let (N, H, steps) = (pass.batchSize, pass.hidden.columns, pass.steps)
        precondition(
            steps.lowerBound >= 0 && (pass.bias == nil || pass.bias!.count == 4 * H)
                && pass.gates.columns == 4 * H && pass.gates.rows >= steps.upperBound * N
                && pass.cell.columns == H && min(pass.hidden.rows, pass.cell.rows) >= (steps.upperBound + 1) * N
                && pass.gates.precision == recurrent.precision && pass.hidden.precision == recurrent.precision,
            "LSTM of N \(N), H \(H) over steps \(steps) with gates \(pass.gates.shape), states \(pass.hidden.shape)")
        var lstm = ck_lstm()
        lstm.N = N
        lstm.H = H
        lstm.first = steps.lowerBound
        lstm.last = steps.upperBound
        lstm.bias = (pass.bias?.pointer).map { UnsafePointer($0) }
        lstm.recurrent = UnsafePointer(recurrent.words)
        lstm.gates = pass.gates.operand
        lstm.hidden = pass.hidden.operand
        lstm.cell = pass.cell.pointer
        switch pass.input {
        case .none:
            counting(&lstm, body)
        case .rows(let input, let first):
            precondition(
                input.columns == 4 * H && first <= steps.lowerBound && input.rows >= (steps.upperBound - first) * N,
                "input \(input.shape) from step \(first) for steps \(steps)")
            lstm.input = UnsafePointer(input.pointer)
            lstm.input_first = first
            counting(&lstm, body)
        case .table(let input, let tokens):
            precondition(
                input.columns == 4 * H && tokens.count >= steps.upperBound * N,
                "\(tokens.count) tokens of \(input.shape) for \(steps.upperBound * N) rows")
            Self.checkTokens(tokens, below: input.rows)
            lstm.input = UnsafePointer(input.pointer)
            tokens.withUnsafeBufferPointer {
                lstm.tokens = $0.baseAddress
                counting(&lstm, body)
            }
        }
    }

    /// Runs `body`; where time is counted, it goes to products and gates as the first thread's own time does.
    private func counting(_ lstm: inout ck_lstm, _ body: (inout ck_lstm) -> Void) {
        guard let profile else { return body(&lstm) }
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 2) { times in
            times.initialize(repeating: 0)
            lstm.times = times.baseAddress
            let start = ContinuousClock.now
            body(&lstm)
            let seconds = (ContinuousClock.now - start).inSeconds
            let share = times[1] / max(times[0] + times[1], 1)
            profile.add(seconds * (1 - share), to: .recurrentProducts)
            profile.add(seconds * share, to: .gates)
        }
    }

    static func checkTokens(_ tokens: [Int32], below limit: Int) {
        for token in tokens where token < 0 || Int(token) >= limit {
            preconditionFailure("token \(token) is not in 0..<\(limit)")
        }
    }
}
