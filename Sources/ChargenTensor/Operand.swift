import CChargenKernels

/// A row-major view `[rows, columns]` in the precision of products: what a product may take as it is.
///
/// Rows begin ``stride`` numbers apart; what lies between them is zero and stays zero.
package struct Operand {
    let storage: Storage
    /// Words of 32 bits before the first row.
    let offset: Int
    package let rows: Int
    package let columns: Int
    let stride: Int
    package let precision: OperandPrecision

    /// New zeroed memory of `[rows, columns]`.
    package init(rows: Int, columns: Int, precision: OperandPrecision) {
        let stride = precision.stride(columns: columns)
        self.init(
            storage: Storage(count: rows * stride / precision.numbersPerWord), offset: 0, rows: rows, columns: columns,
            stride: stride, precision: precision)
    }

    /// The same memory as `matrix`, as an operand of float32.
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
            storage: storage, offset: offset + range.lowerBound * stride / precision.numbersPerWord, rows: range.count,
            columns: columns, stride: stride, precision: precision)
    }

    /// The C form; valid as long as the storage is.
    var operand: ck_operand {
        ck_operand(
            precision: precision == .float32 ? CK_FLOAT32 : CK_BFLOAT16, data: storage.pointer + offset, stride: stride)
    }

    /// Overwrites `values`, which must have as many numbers as the operand, with them as float32.
    package func copy(to values: inout [Float]) {
        precondition(values.count == rows * columns, "shape \(shape) copied to \(values.count) values")
        let (memory, columns, stride) = (storage.pointer + offset, columns, stride)
        values.withUnsafeMutableBufferPointer { values in
            switch precision {
            case .float32:
                for row in 0..<rows {
                    (values.baseAddress! + row * columns).update(from: memory + row * stride, count: columns)
                }
            case .bfloat16:
                let halves = UnsafeRawPointer(memory)
                for index in values.indices {
                    let place = index / columns * stride + index % columns
                    let bits = halves.load(fromByteOffset: 2 * place, as: UInt16.self)
                    values[index] = Float(bitPattern: UInt32(bits) << 16)
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
