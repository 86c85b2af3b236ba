/// Element-wise operations that need no kernel, because the compiler vectorizes them.
extension Matrix {
    /// Computes `self *= factors`, element by element.
    package func multiply(by factors: Matrix) {
        precondition(factors.shape == shape, "\(shape) times \(factors.shape)")
        for index in 0..<count { pointer[index] *= factors.pointer[index] }
    }

    /// Computes `self += other`, element by element.
    package func add(_ other: Matrix) {
        precondition(other.shape == shape, "\(other.shape) added to \(shape)")
        for index in 0..<count { pointer[index] += other.pointer[index] }
    }

    /// Computes `self *= factor`.
    package func scale(by factor: Float) {
        for index in 0..<count { pointer[index] *= factor }
    }

    /// Overwrites the columns from `first` on with all columns of `other`, which has as many rows.
    package func assignColumns(from first: Int, _ other: Matrix) {
        precondition(
            other.rows == rows && first >= 0 && first + other.columns <= columns,
            "\(other.shape) as columns from \(first) of \(shape)")
        for row in 0..<rows {
            (pointer + row * columns + first).update(from: other.pointer + row * other.columns, count: other.columns)
        }
    }

    /// Overwrites all numbers with the columns from `first` on of `other`, which has as many rows.
    package func assign(columnsFrom first: Int, of other: Matrix) {
        precondition(
            other.rows == rows && first >= 0 && first + columns <= other.columns,
            "columns from \(first) of \(other.shape) assigned to shape \(shape)")
        for row in 0..<rows {
            (pointer + row * columns).update(from: other.pointer + row * other.columns + first, count: columns)
        }
    }

    /// Overwrites all rows with those of `other`, of the same shape, with its blocks of `size` rows in reversed order.
    package func assignReversed(_ other: Matrix, blocksOf size: Int) {
        precondition(other.shape == shape && rows % size == 0, "\(other.shape) reversed into \(shape) by \(size)")
        let count = size * columns, blocks = rows / size
        for block in 0..<blocks {
            (pointer + block * count).update(from: other.pointer + (blocks - 1 - block) * count, count: count)
        }
    }

    /// Overwrites row `r` with row `tokens[r]` of `table`.
    package func assignRows(of table: Matrix, _ tokens: [Int32]) {
        precondition(tokens.count == rows && table.columns == columns, "\(tokens.count) rows of \(table.shape) to \(shape)")
        for (row, token) in tokens.enumerated() {
            precondition(0..<table.rows ~= Int(token), "token \(token) is not in 0..<\(table.rows)")
            (pointer + row * columns).update(from: table.pointer + Int(token) * columns, count: columns)
        }
    }
}
