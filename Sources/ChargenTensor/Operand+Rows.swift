extension Operand {
    /// The same memory as a matrix; nil in bfloat16, or where there is space between the rows.
    package var matrix: Matrix? {
        guard precision == .float32, stride == columns else { return nil }
        return Matrix(storage: storage, offset: offset, rows: rows, columns: columns)
    }

    /// Overwrites row `r` with row `indices[r]` of `source`, which has the same precision and as many columns.
    package func assignRows(of source: Operand, _ indices: [Int32]) {
        precondition(
            indices.count == rows && source.columns == columns && source.precision == precision,
            "\(indices.count) rows of \(source.shape), \(source.precision) to \(shape), \(precision)")
        let size = 4 / precision.numbersPerWord
        for (row, index) in indices.enumerated() {
            precondition(0..<source.rows ~= Int(index), "row \(index) is not in 0..<\(source.rows)")
            (memory + row * stride * size).copyMemory(
                from: source.memory + Int(index) * source.stride * size, byteCount: columns * size)
        }
    }

    /// Overwrites all rows with those of `source`, of the same shape and precision.
    package func assign(_ source: Operand) { assignRows(of: source, (0..<Int32(rows)).map { $0 }) }

    /// Overwrites all numbers with zero.
    package func clear() {
        let size = 4 / precision.numbersPerWord
        for row in 0..<rows {
            (memory + row * stride * size).initializeMemory(as: UInt8.self, repeating: 0, count: columns * size)
        }
    }
}
