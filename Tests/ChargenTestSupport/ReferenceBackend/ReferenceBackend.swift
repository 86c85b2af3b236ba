import ChargenTensor

/// A backend in plain Swift, one number after the other: what another device must compute, and the proof that nothing but a
/// backend reads its memory, since its storage hands out no pointers.
///
/// Results agree with other backends to a tolerance, because sums are made in float64 and in another order. The numbers that
/// a dropout drops are the same.
package final class ReferenceBackend: Backend {
    package init() {}

    package var fasterPrecision: OperandPrecision { .float32 }
    package var fasterStreamPrecision: StreamPrecision { .float32 }
    package var profile: Profile? { nil }
}

// MARK: - Memory

extension ReferenceBackend {
    package func makeStorage(count: Int) -> any Storage { ReferenceStorage(count: count) }

    package func copy(_ source: Operand, into result: Operand) {
        precondition(source.shape == result.shape, "\(source.shape) copied to shape \(result.shape)")
        let (from, to) = (ReferenceNumbers(source), ReferenceNumbers(result))
        for index in 0..<to.count { to[index] = from[index] }
    }

    package func gather(_ source: Operand, _ rows: Indices, into result: Operand) {
        precondition(
            rows.count == result.rows && rows.limit <= source.rows && source.columns == result.columns
                && source.precision == result.precision,
            "\(rows.count) rows below \(rows.limit) of \(source.shape), \(source.precision) to \(result.shape), "
                + "\(result.precision)")
        let (from, to) = (ReferenceNumbers(source), ReferenceNumbers(result))
        for (row, index) in rows.integers.enumerated() {
            for column in 0..<to.columns { to[row, column] = from[index, column] }
        }
    }

    package func fill(_ values: Operand, with value: Float) {
        let numbers = ReferenceNumbers(values)
        for index in 0..<numbers.count { numbers[index] = Double(value) }
    }

    package func oneHot(_ tokens: Indices, into rows: Matrix) {
        precondition(
            tokens.count == rows.rows && tokens.limit <= rows.columns,
            "\(tokens.count) tokens below \(tokens.limit) as one-hot rows \(rows.shape)")
        let numbers = ReferenceNumbers(rows)
        for (row, token) in tokens.integers.enumerated() {
            for column in 0..<rows.columns { numbers[row, column] = column == token ? 1 : 0 }
        }
    }
}
