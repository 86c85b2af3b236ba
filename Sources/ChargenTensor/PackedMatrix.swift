/// A matrix in the order in which the product kernels of one backend read it: packed once, multiplied often.
///
/// Packing another matrix that is no larger into it is allowed, so that a short last batch needs no memory of its own.
package final class PackedMatrix {
    /// Rows and columns of the matrix that is packed.
    package private(set) var rows: Int
    package private(set) var columns: Int
    let storage: Storage

    init(rows: Int, columns: Int, packedCount: Int) {
        self.rows = rows
        self.columns = columns
        storage = Storage(count: packedCount)
    }

    /// Takes the shape `[rows, columns]`, which needs `packedCount` numbers.
    func reshape(rows: Int, columns: Int, packedCount: Int) {
        precondition(
            packedCount <= storage.count,
            "[\(rows), \(columns)] packed into the space of [\(self.rows), \(self.columns)]")
        self.rows = rows
        self.columns = columns
    }
}
