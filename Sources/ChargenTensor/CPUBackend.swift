import CChargenKernels

/// The backend that computes on the processor's own cores.
package final class CPUBackend: Backend {
    package let instructionSet: InstructionSet
    private let kernels: Kernels
    private let workers: WorkerTeam

    /// A table of C functions.
    ///
    /// `@unchecked Sendable`: the table is constant and lives as long as the program.
    private struct Kernels: @unchecked Sendable {
        let table: UnsafePointer<ck_kernels>
    }

    /// The range of thread counts that make sense.
    package static let threadRange = 1...256

    /// - Parameters:
    ///   - threads: how many, this one included; by default as many as the process may use. Results do not depend on it.
    ///   - instructionSet: by default what `CHARGEN_ISA` says, or else the widest that the machine offers.
    /// - Throws: ``BackendError``.
    package init(threads: Int? = nil, instructionSet: InstructionSet? = nil) throws {
        let chosen = try instructionSet ?? Self.forcedInstructionSet() ?? .best
        guard let table = ck_kernels_for(chosen.isa) else { throw BackendError.unavailableInstructionSet(chosen) }
        let count = threads ?? min(Processor.availableThreads, Self.threadRange.upperBound)
        guard Self.threadRange ~= count else {
            throw BackendError.threadsOutOfRange(count, allowed: Self.threadRange)
        }
        self.instructionSet = chosen
        kernels = Kernels(table: table)
        workers = WorkerTeam(size: count)
    }

    private static func forcedInstructionSet() throws -> InstructionSet? {
        guard let name = environment("CHARGEN_ISA"), !name.isEmpty else { return nil }
        guard let set = InstructionSet(rawValue: name) else { throw BackendError.unknownInstructionSet(name) }
        return set
    }

    package var threads: Int { workers.size }
    private var team: OpaquePointer { workers.team }
    private var table: UnsafePointer<ck_kernels> { kernels.table }
}

// MARK: - Packing and products

extension CPUBackend {
    package func makePacked(rows: Int, columns: Int) -> PackedMatrix {
        PackedMatrix(rows: rows, columns: columns, packedCount: ck_packed_size(table, rows, columns))
    }

    package func makePackedGates(hiddenSize: Int) -> PackedMatrix {
        PackedMatrix(
            rows: hiddenSize, columns: 4 * hiddenSize, packedCount: ck_packed_gates_size(table, hiddenSize, hiddenSize))
    }

    package func pack(_ matrix: Matrix, transposed: Bool, into packed: PackedMatrix) {
        let (rows, columns) = transposed ? (matrix.columns, matrix.rows) : (matrix.rows, matrix.columns)
        packed.reshape(rows: rows, columns: columns, packedCount: ck_packed_size(table, rows, columns))
        ck_pack(
            team, table, packed.rows, packed.columns, matrix.pointer, transposed ? 1 : matrix.columns,
            transposed ? matrix.columns : 1, packed.storage.pointer)
    }

    package func packGates(_ kernel: Matrix, into packed: PackedMatrix) {
        precondition(
            kernel.shape == [packed.rows, packed.columns] && kernel.columns == 4 * kernel.rows,
            "recurrent kernel \(kernel.shape) packed into \([packed.rows, packed.columns])")
        ck_pack_gates(team, table, kernel.rows, kernel.rows, kernel.pointer, packed.storage.pointer)
    }

    package func product(
        _ left: Matrix, transposed: Bool, _ right: PackedMatrix, bias: Matrix?, into result: Matrix
    ) {
        let (m, k) = transposed ? (left.columns, left.rows) : (left.rows, left.columns)
        precondition(
            k == right.rows && result.shape == [m, right.columns] && (bias == nil || bias!.count == right.columns),
            "[\(m), \(k)] · [\(right.rows), \(right.columns)] + \(bias?.shape ?? []) into \(result.shape)")
        ck_product(
            team, table, m, right.columns, k, left.pointer, transposed ? 1 : left.columns,
            transposed ? left.columns : 1, right.storage.pointer, bias?.pointer, result.pointer, 0)
    }
}

// MARK: - Recurrence

extension CPUBackend {
    package func lstmForward(_ pass: LSTMPass, recurrent: PackedMatrix) {
        withLSTM(pass, recurrent: recurrent) { ck_lstm_forward(team, table, &$0) }
    }

    package func lstmBackward(_ pass: LSTMPass, gradient: LSTMPassGradient, recurrent: PackedMatrix) {
        let (N, H) = (pass.batchSize, pass.hidden.columns)
        precondition(
            gradient.hidden.shape == [N, H] && gradient.cell.shape == [N, H]
                && gradient.output.columns == H && gradient.gates.columns == 4 * H
                && min(gradient.output.rows, gradient.gates.rows) >= pass.steps.upperBound * N,
            "gradients \(gradient.output.shape), \(gradient.gates.shape), \(gradient.hidden.shape) of N \(N), H \(H)")
        withLSTM(pass, recurrent: recurrent) { lstm in
            lstm.d_output = UnsafePointer(gradient.output.pointer)
            lstm.d_gates = gradient.gates.pointer
            lstm.d_hidden = gradient.hidden.pointer
            lstm.d_cell = gradient.cell.pointer
            ck_lstm_backward(team, table, &lstm)
        }
    }

    /// The C form of `pass`, valid while `body` runs.
    private func withLSTM(_ pass: LSTMPass, recurrent: PackedMatrix, _ body: (inout ck_lstm) -> Void) {
        let (N, H, steps) = (pass.batchSize, pass.hidden.columns, pass.steps)
        precondition(
            steps.lowerBound >= 0 && pass.input.columns == 4 * H && pass.bias.count == 4 * H
                && pass.gates.columns == 4 * H && pass.gates.rows >= steps.upperBound * N
                && pass.cell.columns == H && min(pass.hidden.rows, pass.cell.rows) >= (steps.upperBound + 1) * N,
            "LSTM of N \(N), H \(H) over steps \(steps) with gates \(pass.gates.shape), states \(pass.hidden.shape)")
        if let tokens = pass.tokens {
            precondition(tokens.count >= steps.upperBound * N, "\(tokens.count) tokens for \(steps.upperBound * N) rows")
            Self.checkTokens(tokens, below: pass.input.rows)
        } else {
            precondition(pass.input.rows >= steps.upperBound * N, "input \(pass.input.shape) for steps \(steps)")
        }
        var lstm = ck_lstm()
        lstm.T = steps.upperBound
        lstm.N = N
        lstm.H = H
        lstm.first = steps.lowerBound
        lstm.last = steps.upperBound
        lstm.input = UnsafePointer(pass.input.pointer)
        lstm.bias = UnsafePointer(pass.bias.pointer)
        lstm.recurrent = UnsafePointer(recurrent.storage.pointer)
        lstm.gates = pass.gates.pointer
        lstm.hidden = pass.hidden.pointer
        lstm.cell = pass.cell.pointer
        if let tokens = pass.tokens {
            tokens.withUnsafeBufferPointer {
                lstm.tokens = $0.baseAddress
                body(&lstm)
            }
        } else {
            body(&lstm)
        }
    }

    private static func checkTokens(_ tokens: [Int32], below limit: Int) {
        for token in tokens where token < 0 || Int(token) >= limit {
            preconditionFailure("token \(token) is not in 0..<\(limit)")
        }
    }
}

// MARK: - Rows

extension CPUBackend {
    package func softmaxCrossEntropy(
        logits: Matrix, targets: [Int32], scale: Float, gradient: Matrix?, losses: Matrix
    ) {
        precondition(
            targets.count == logits.rows && losses.count >= logits.rows
                && (gradient == nil || gradient!.shape == logits.shape),
            "loss of \(logits.shape) for \(targets.count) targets into \(losses.shape), \(gradient?.shape ?? [])")
        Self.checkTokens(targets, below: logits.columns)
        ck_softmax_cross_entropy(
            team, table, logits.rows, logits.columns, logits.pointer, targets, scale, gradient?.pointer, losses.pointer)
    }

    package func scatterAdd(_ rows: Matrix, tokens: [Int32], into table: Matrix) {
        precondition(
            rows.columns == table.columns && tokens.count == rows.rows,
            "\(rows.shape) scattered by \(tokens.count) tokens into \(table.shape)")
        Self.checkTokens(tokens, below: table.rows)
        ck_scatter_add(team, self.table, rows.rows, rows.columns, rows.pointer, tokens, table.pointer)
    }

    package func columnSums(_ matrix: Matrix, into sums: Matrix) {
        precondition(sums.count == matrix.columns, "column sums of \(matrix.shape) into \(sums.shape)")
        sums.fill(0)
        ck_column_sums(team, table, matrix.rows, matrix.columns, matrix.pointer, sums.pointer)
    }
}

// MARK: - Flat buffers

extension CPUBackend {
    package func sumOfSquares(_ matrix: Matrix) -> Double {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: ck_partial_count(matrix.count)) {
            ck_sum_of_squares(team, table, matrix.count, matrix.pointer, $0.baseAddress)
        }
    }

    package func dot(_ x: Matrix, _ y: Matrix) -> Float {
        precondition(x.count == y.count, "scalar product of \(x.shape) and \(y.shape)")
        return table.pointee.dot(x.count, x.pointer, y.pointer)
    }

    package func addScaled(_ alpha: Float, _ x: Matrix, to y: Matrix) {
        precondition(x.count == y.count, "\(x.shape) added to \(y.shape)")
        table.pointee.axpy(x.count, alpha, x.pointer, y.pointer)
    }

    package func adamStep(
        _ step: AdamStep, gradients: Matrix, parameters: Matrix, means: Matrix, squares: Matrix
    ) {
        precondition(
            [parameters.count, means.count, squares.count].allSatisfy { $0 == gradients.count },
            "Adam over \(gradients.shape), \(parameters.shape), \(means.shape), \(squares.shape)")
        var constants = ck_adam(
            learning_rate: step.learningRate, beta1: step.beta1, beta2: step.beta2, epsilon: step.epsilon,
            correction1: step.correction1, correction2: step.correction2, scale: step.scale, limit: step.limit)
        ck_adam_step(
            team, table, gradients.count, &constants, gradients.pointer, parameters.pointer, means.pointer,
            squares.pointer)
    }

    package func sgdStep(rate: Float, scale: Float, limit: Float, gradients: Matrix, parameters: Matrix) {
        precondition(parameters.count == gradients.count, "SGD over \(gradients.shape), \(parameters.shape)")
        ck_sgd_step(team, table, gradients.count, rate, scale, limit, gradients.pointer, parameters.pointer)
    }
}
