import ChargenTensor

/// Memory for a matrix whose size changes from pass to pass: taken anew only where it is too small.
package final class ReusedMatrix {
    private var storage = Storage(count: 0)

    package init() {}

    /// A view `[rows, columns]`; what it held before is lost.
    package func callAsFunction(_ rows: Int, _ columns: Int) -> Matrix {
        if storage.count < rows * columns { storage = Storage(count: rows * columns) }
        return Matrix(storage: storage, offset: 0, rows: rows, columns: columns)
    }
}
