/// A row-major view `[rows, columns]` into a ``Storage``. Writing to the matrix writes to the storage.
package struct Matrix {
    let storage: Storage
    let offset: Int
    package let rows: Int
    package let columns: Int

    /// Creates a matrix `[rows, columns]` of zeros in new memory.
    package init(rows: Int, columns: Int) {
        self.init(storage: Storage(count: rows * columns), offset: 0, rows: rows, columns: columns)
    }

    /// Creates a view `[rows, columns]` that begins at number `offset` of `storage`.
    package init(storage: Storage, offset: Int, rows: Int, columns: Int) {
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

    var pointer: UnsafeMutablePointer<Float> { storage.pointer + offset }

    /// The rows of `range`, as a view.
    package subscript(range: Range<Int>) -> Matrix {
        precondition(0 <= range.lowerBound && range.upperBound <= rows, "rows \(range) of shape \(shape)")
        return Matrix(
            storage: storage, offset: offset + range.lowerBound * columns, rows: range.count, columns: columns)
    }

    /// The number at `row`, `column`.
    package subscript(row: Int, column: Int) -> Float {
        get { pointer[place(row, column)] }
        nonmutating set { pointer[place(row, column)] = newValue }
    }

    private func place(_ row: Int, _ column: Int) -> Int {
        precondition(0..<rows ~= row && 0..<columns ~= column, "[\(row), \(column)] of shape \(shape)")
        return row * columns + column
    }

    /// The numbers, row-major.
    package var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

    /// A tensor with the same numbers; its shape is `shape`, by default that of the matrix.
    package func tensor(shape: [Int]? = nil) -> Tensor { Tensor(shape: shape ?? self.shape, values: values) }

    /// Overwrites all numbers with `values`, row-major.
    package func assign(_ values: [Float]) {
        precondition(values.count == count, "\(values.count) values for shape \(shape)")
        values.withUnsafeBufferPointer { if let base = $0.baseAddress { pointer.update(from: base, count: count) } }
    }

    /// Overwrites all numbers with those of `other`, of the same shape.
    package func assign(_ other: Matrix) {
        precondition(other.shape == shape, "\(other.shape) assigned to shape \(shape)")
        pointer.update(from: other.pointer, count: count)
    }

    /// Overwrites `values`, which must have as many numbers as the matrix, with the numbers of the matrix.
    package func copy(to values: inout [Float]) {
        precondition(values.count == count, "shape \(shape) copied to \(values.count) values")
        values.withUnsafeMutableBufferPointer { $0.baseAddress?.update(from: pointer, count: count) }
    }

    /// The sum of the first `count` numbers, in double precision.
    package func sum(count: Int) -> Double {
        precondition(count <= self.count, "the sum of \(count) numbers of shape \(shape)")
        return UnsafeBufferPointer(start: pointer, count: count).reduce(0) { $0 + Double($1) }
    }

    /// Overwrites all numbers with `value`.
    package func fill(_ value: Float) { pointer.update(repeating: value, count: count) }
}
