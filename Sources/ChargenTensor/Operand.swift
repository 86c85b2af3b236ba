import CChargenKernels

/// A row-major view `[rows, columns]` in the precision of products, which a product can read without conversion.
///
/// Rows begin ``stride`` numbers apart. The numbers between them are zero and stay zero.
package struct Operand {
    let storage: Storage
    /// Number of numbers in the storage before the first one of the view.
    let offset: Int
    package let rows: Int
    package let columns: Int
    let stride: Int
    package let precision: OperandPrecision

    /// Creates an operand `[rows, columns]` of zeros in new memory.
    package init(rows: Int, columns: Int, precision: OperandPrecision) {
        let stride = precision.stride(columns: columns)
        self.init(
            storage: Storage(count: rows * stride / precision.numbersPerWord), offset: 0, rows: rows, columns: columns,
            stride: stride, precision: precision)
    }

    /// Creates a float32 operand that shares the memory of `matrix`.
    package init(_ matrix: Matrix) {
        self.init(
            storage: matrix.storage, offset: matrix.offset, rows: matrix.rows, columns: matrix.columns,
            stride: matrix.columns, precision: .float32)
    }

    private init(storage: Storage, offset: Int, rows: Int, columns: Int, stride: Int, precision: OperandPrecision) {
        self.storage = storage
        self.offset = offset
        self.rows = rows
        self.columns = columns
        self.stride = stride
        self.precision = precision
    }

    package var shape: [Int] { [rows, columns] }

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

    /// The address of the first number.
    var memory: UnsafeMutableRawPointer {
        UnsafeMutableRawPointer(storage.pointer) + offset * (4 / precision.numbersPerWord)
    }

    /// The C structure, which is valid as long as the storage exists.
    var operand: ck_operand {
        ck_operand(precision: precision == .float32 ? CK_FLOAT32 : CK_BFLOAT16, data: memory, stride: stride)
    }

    /// Overwrites `values`, which must have as many numbers as the operand, with the numbers as float32.
    package func copy(to values: inout [Float]) {
        precondition(values.count == rows * columns, "shape \(shape) copied to \(values.count) values")
        values.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { copy(to: base) } }
    }

    /// Overwrites `matrix`, of the same shape, with the numbers as float32.
    package func copy(to matrix: Matrix) {
        precondition(matrix.shape == shape, "\(shape) copied to shape \(matrix.shape)")
        copy(to: matrix.pointer)
    }

    private func copy(to values: UnsafeMutablePointer<Float>) {
        for row in 0..<rows {
            let to = values + row * columns
            switch precision {
            case .float32:
                to.update(from: memory.assumingMemoryBound(to: Float.self) + row * stride, count: columns)
            case .bfloat16:
                for column in 0..<columns {
                    let bits = memory.load(fromByteOffset: 2 * (row * stride + column), as: UInt16.self)
                    to[column] = Float(bitPattern: UInt32(bits) << 16)
                }
            }
        }
    }

    /// The numbers as float32, row-major.
    package var values: [Float] {
        var values = [Float](repeating: 0, count: rows * columns)
        copy(to: &values)
        return values
    }
}
