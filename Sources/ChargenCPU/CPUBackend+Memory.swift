import CChargenKernels
import ChargenTensor

extension CPUBackend {
    package func makeStorage(count: Int) -> any Storage { CPUStorage(count: count, profile: profile) }

    package func copy(_ source: Operand, into result: Operand) {
        precondition(source.shape == result.shape, "\(source.shape) copied to shape \(result.shape)")
        ck_copy(team, table, source.rows, source.columns, source.operand, result.operand)
    }

    package func gather(_ source: Operand, _ rows: Indices, into result: Operand) {
        precondition(
            rows.count == result.rows && rows.limit <= source.rows && source.columns == result.columns
                && source.precision == result.precision,
            "\(rows.count) rows below \(rows.limit) of \(source.shape), \(source.precision) to \(result.shape), "
                + "\(result.precision)")
        ck_gather(team, table, result.rows, result.columns, source.operand, rows.pointer, result.operand)
    }

    package func fill(_ values: Operand, with value: Float) {
        ck_fill(values.rows, values.columns, value, values.operand)
    }

    package func oneHot(_ tokens: Indices, into rows: Matrix) {
        precondition(
            tokens.count == rows.rows && tokens.limit <= rows.columns,
            "\(tokens.count) tokens below \(tokens.limit) as one-hot rows \(rows.shape)")
        fill(rows, with: 0)
        let (from, to) = (tokens.pointer, rows.pointer)
        for row in 0..<tokens.count { to[row * rows.columns + Int(from[row])] = 1 }
    }
}
