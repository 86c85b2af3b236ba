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
}
