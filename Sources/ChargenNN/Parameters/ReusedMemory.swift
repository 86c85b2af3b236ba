import ChargenTensor

/// Memory of a backend for rows of numbers whose count changes from pass to pass. It is allocated anew only where it is too small, or
/// where the width or the precision of its rows changes.
package final class ReusedMemory {
    private var memory: Operand?
    private var matrix: (any Storage)?

    package init() {}

    /// A view `[rows, columns]` in `precision`; its former content is lost.
    package func operand(
        _ rows: Int, _ columns: Int, _ precision: OperandPrecision, on backend: any Backend
    ) -> Operand {
        if let memory, memory.rows >= rows, memory.columns == columns, memory.precision == precision {
            return memory[0..<rows]
        }
        let made = backend.makeOperand(rows, columns, precision)
        memory = made
        return made
    }

    /// A float32 view `[rows, columns]` without space between rows; its former content is lost.
    package func matrix(_ rows: Int, _ columns: Int, on backend: any Backend) -> Matrix {
        if let matrix, matrix.count >= rows * columns {
            return Matrix(storage: matrix, offset: 0, rows: rows, columns: columns)
        }
        let made = backend.makeMatrix(rows, columns)
        matrix = made.storage
        return made
    }
}
