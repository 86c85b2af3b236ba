/// A matrix in the order and precision in which the product kernels of one backend read it: packed once, multiplied
/// often.
package final class PackedMatrix {
    /// Rows and columns of the matrix that is packed.
    package let rows: Int
    package let columns: Int
    package let precision: OperandPrecision
    let storage: Storage

    init(rows: Int, columns: Int, precision: OperandPrecision, words: Int) {
        self.rows = rows
        self.columns = columns
        self.precision = precision
        storage = Storage(count: words)
    }
}
