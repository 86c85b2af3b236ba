import ChargenTensor

/// Memory for rows of numbers whose count changes from pass to pass. It is allocated anew only where it is too small, or
/// where the width or the precision of its rows changes.
package final class ReusedMemory {
    private var memory = Operand(rows: 0, columns: 0, precision: .float32)
    private var matrix = Storage(count: 0)

    package init() {}

    /// A view `[rows, columns]` in `precision`; its former content is lost.
    package func operand(_ rows: Int, _ columns: Int, _ precision: OperandPrecision) -> Operand {
        if memory.rows < rows || memory.columns != columns || memory.precision != precision {
            memory = Operand(rows: rows, columns: columns, precision: precision)
        }
        return memory[0..<rows]
    }

    /// A float32 view `[rows, columns]` without space between rows; its former content is lost.
    package func matrix(_ rows: Int, _ columns: Int) -> Matrix {
        if matrix.count < rows * columns { matrix = Storage(count: rows * columns) }
        return Matrix(storage: matrix, offset: 0, rows: rows, columns: columns)
    }
}
