/// A matrix in the order and precision in which the products of one backend read it. It is packed once and then used in
/// many products.
package final class PackedMatrix {
    /// The rows and columns of the matrix before packing.
    package let rows: Int
    package let columns: Int
    package let precision: OperandPrecision
    /// The memory, whose order only its backend knows.
    package let storage: any Storage

    package init(rows: Int, columns: Int, precision: OperandPrecision, storage: any Storage) {
        self.rows = rows
        self.columns = columns
        self.precision = precision
        self.storage = storage
    }
}
