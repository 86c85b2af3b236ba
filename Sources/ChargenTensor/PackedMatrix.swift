/// A matrix in the order and precision in which the product kernels of one backend read it. It is packed once and then
/// used in many products.
package final class PackedMatrix {
    /// The rows and columns of the matrix before packing.
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
