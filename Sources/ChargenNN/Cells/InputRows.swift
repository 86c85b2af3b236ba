import ChargenTensor

/// The rows that a layer reads: one for each sequence of each step, `[T·N]` time-major, or one for each sequence, `[N]`.
package enum InputRows {
    /// Token ids, not yet sent to the backend.
    case tokens([Int32])
    /// One-hot rows `[T·N, width]`: row `r` has a one at `tokens[r]`. The rows are never stored.
    case oneHot(tokens: Indices, width: Int)
    /// Row `indices[r]` of `table [U, D]`: many rows are equal, so a product is computed once for each row of the table.
    case gathered(table: Operand, indices: Indices)
    /// Numbers `[T·N, D]`.
    case numbers(Operand)

    /// Numbers in a row, D; nil for token ids.
    package var width: Int? {
        switch self {
        case .tokens: nil
        case .oneHot(_, let width): width
        case .gathered(let table, _): table.columns
        case .numbers(let rows): rows.columns
        }
    }

    /// True if every row is stored as numbers, false if rows are selected by tokens or indices.
    package var areStored: Bool {
        if case .numbers = self { true } else { false }
    }

    /// The same rows with the blocks of N rows in reversed order: the sequences read from their ends. Stored numbers are
    /// copied to `memory`.
    package func reversed(batchSize N: Int, in memory: ReusedMemory, on backend: any Backend) -> InputRows {
        func turned(_ values: [Int32]) -> [Int32] {
            stride(from: values.count - N, through: 0, by: -N).flatMap { values[$0..<$0 + N] }
        }
        func turned(_ indices: Indices) -> Indices {
            backend.makeIndices(turned(indices.values), limit: indices.limit)
        }
        switch self {
        case .tokens(let tokens): return .tokens(turned(tokens))
        case .oneHot(let tokens, let width): return .oneHot(tokens: turned(tokens), width: width)
        case .gathered(let table, let indices): return .gathered(table: table, indices: turned(indices))
        case .numbers(let rows):
            let result = memory.operand(rows.rows, rows.columns, rows.precision, on: backend)
            let order = backend.makeIndices(turned((0..<Int32(rows.rows)).map { $0 }), limit: rows.rows)
            backend.gather(rows, order, into: result)
            return .numbers(result)
        }
    }

    /// The rows as numbers `[T·N, D]` in `precision`, as products read them; nil for token ids. They are written to
    /// `memory` unless they exist in this form.
    package func operand(
        in precision: OperandPrecision, memory: ReusedMemory, on backend: any Backend
    ) -> Operand? {
        guard let rows = stored(in: memory, on: backend) else { return nil }
        if rows.precision == precision { return rows }
        guard let matrix = InputRows.numbers(rows).matrix(memory: memory, on: backend) else { return nil }
        guard precision != .float32 else { return Operand(matrix) }
        let result = memory.operand(matrix.rows, matrix.columns, precision, on: backend)
        backend.copy(Operand(matrix), into: result)
        return result
    }

    /// The rows as a float32 matrix `[T·N, D]`; nil for token ids. They are written to `memory` unless they exist in this
    /// form.
    package func matrix(memory: ReusedMemory, on backend: any Backend) -> Matrix? {
        guard let rows = stored(in: memory, on: backend) else { return nil }
        if let matrix = rows.matrix { return matrix }
        let matrix = memory.matrix(rows.rows, rows.columns, on: backend)
        backend.copy(rows, into: Operand(matrix))
        return matrix
    }

    /// The rows as numbers, in the precision that they have.
    private func stored(in memory: ReusedMemory, on backend: any Backend) -> Operand? {
        switch self {
        case .tokens: return nil
        case .oneHot(let tokens, let width):
            let rows = memory.matrix(tokens.count, width, on: backend)
            backend.oneHot(tokens, into: rows)
            return Operand(rows)
        case .gathered(let table, let indices):
            let rows = memory.operand(indices.count, table.columns, table.precision, on: backend)
            backend.gather(table, indices, into: rows)
            return rows
        case .numbers(let rows): return rows
        }
    }
}
