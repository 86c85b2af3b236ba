/// A row-major float32 view `[rows, columns]` into a ``Storage``, without space between its rows.
///
/// A matrix lies in the memory of a backend, which makes it (``Backend/makeMatrix(_:_:)``) and computes with it. Numbers
/// reach the host by copies only: ``values`` and ``assign(_:)``.
package struct Matrix {
    package let storage: any Storage
    /// Words of the storage before the first number.
    package let offset: Int
    package let rows: Int
    package let columns: Int

    /// Creates a view `[rows, columns]` that begins at number `offset` of `storage`.
    package init(storage: any Storage, offset: Int, rows: Int, columns: Int) {
        precondition(
            rows >= 0 && columns >= 0 && offset >= 0 && offset + rows * columns <= storage.count,
            "[\(rows), \(columns)] at \(offset) of \(storage.count) numbers")
        self.storage = storage
        self.offset = offset
        self.rows = rows
        self.columns = columns
    }

    package var count: Int { rows * columns }
    package var shape: [Int] { [rows, columns] }

    /// The rows of `range`, as a view.
    package subscript(range: Range<Int>) -> Matrix {
        precondition(0 <= range.lowerBound && range.upperBound <= rows, "rows \(range) of shape \(shape)")
        return Matrix(
            storage: storage, offset: offset + range.lowerBound * columns, rows: range.count, columns: columns)
    }

    /// A copy of the numbers, row-major.
    package var values: [Float] { storage.elements(count, at: offset) }

    /// A copy of the numbers as a tensor; its shape is `shape`, by default that of the matrix.
    package func tensor(shape: [Int]? = nil) -> Tensor { Tensor(shape: shape ?? self.shape, values: values) }

    /// Overwrites all numbers with `values`, row-major.
    package func assign(_ values: [Float]) {
        precondition(values.count == count, "\(values.count) values for shape \(shape)")
        storage.upload(values, at: offset)
    }
}
