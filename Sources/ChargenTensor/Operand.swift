/// A row-major view `[rows, columns]` in the precision of products, which a product can read without conversion. A float32
/// ``Matrix`` and a part of its columns are operands too.
///
/// Rows begin ``stride`` numbers apart. The numbers after the last column up to an even number of columns are zero.
package struct Operand {
    package let storage: any Storage
    /// Numbers of ``precision`` in the storage before the first one of the view.
    package let offset: Int
    package let rows: Int
    package let columns: Int
    package let stride: Int
    package let precision: OperandPrecision

    /// Creates a view `[rows, columns]` of all of `storage`, whose rows lie ``OperandPrecision/stride(columns:)`` numbers
    /// apart.
    package init(storage: any Storage, rows: Int, columns: Int, precision: OperandPrecision) {
        self.init(
            storage: storage, offset: 0, rows: rows, columns: columns, stride: precision.stride(columns: columns),
            precision: precision)
        precondition(
            storage.count >= rows * stride / precision.numbersPerWord, "\(shape) in \(storage.count) words")
    }

    /// Creates a float32 operand that shares the memory of `matrix`.
    package init(_ matrix: Matrix) {
        self.init(
            storage: matrix.storage, offset: matrix.offset, rows: matrix.rows, columns: matrix.columns,
            stride: matrix.columns, precision: .float32)
    }

    private init(storage: any Storage, offset: Int, rows: Int, columns: Int, stride: Int, precision: OperandPrecision) {
        self.storage = storage
        self.offset = offset
        self.rows = rows
        self.columns = columns
        self.stride = stride
        self.precision = precision
    }

    package var shape: [Int] { [rows, columns] }

    /// The same memory as a matrix; nil in bfloat16, or where there is space between the rows.
    package var matrix: Matrix? {
        guard precision == .float32, stride == columns else { return nil }
        return Matrix(storage: storage, offset: offset, rows: rows, columns: columns)
    }

    /// The rows of `range`, as a view.
    package subscript(range: Range<Int>) -> Operand {
        precondition(0 <= range.lowerBound && range.upperBound <= rows, "rows \(range) of shape \(shape)")
        return Operand(
            storage: storage, offset: offset + range.lowerBound * stride, rows: range.count, columns: columns,
            stride: stride, precision: precision)
    }

    /// The columns of `range`, as a view.
    package func columns(_ range: Range<Int>) -> Operand {
        precondition(0 <= range.lowerBound && range.upperBound <= columns, "columns \(range) of shape \(shape)")
        return Operand(
            storage: storage, offset: offset + range.lowerBound, rows: rows, columns: range.count, stride: stride,
            precision: precision)
    }

    /// A copy of the numbers as float32, row-major.
    package var values: [Float] {
        guard rows * columns > 0 else { return [] }
        let perWord = precision.numbersPerWord, first = offset / perWord
        let last = (offset + (rows - 1) * stride + columns + perWord - 1) / perWord
        let words: [UInt32] = storage.elements(last - first, at: first)
        return (0..<rows * columns).map { place in
            let number = offset - first * perWord + place / columns * stride + place % columns
            guard precision == .bfloat16 else { return Float(bitPattern: words[number]) }
            return Float(bitPattern: number % 2 == 0 ? words[number / 2] << 16 : words[number / 2] & 0xFFFF_0000)
        }
    }
}
