import ChargenTensor

/// The numbers of a matrix or an operand, one by one. Numbers are computed in float64 and rounded where they are written.
struct ReferenceNumbers {
    private let storage: ReferenceStorage
    private let offset: Int
    private let stride: Int
    let rows: Int
    let columns: Int
    let precision: OperandPrecision

    init(_ operand: Operand) {
        storage = operand.storage.reference
        (offset, stride, precision) = (operand.offset, operand.stride, operand.precision)
        (rows, columns) = (operand.rows, operand.columns)
    }

    init(_ matrix: Matrix) { self.init(Operand(matrix)) }

    var count: Int { rows * columns }

    subscript(row: Int, column: Int) -> Double {
        get { Double(storage[precision, place(row, column)]) }
        nonmutating set { storage[precision, place(row, column)] = Float(newValue) }
    }

    /// Number `index` in row-major order.
    subscript(index: Int) -> Double {
        get { self[index / columns, index % columns] }
        nonmutating set { self[index / columns, index % columns] = newValue }
    }

    /// The numbers of a row.
    func row(_ row: Int) -> [Double] { (0..<columns).map { self[row, $0] } }

    /// All numbers, row-major.
    var all: [Double] { (0..<rows).flatMap(row) }

    private func place(_ row: Int, _ column: Int) -> Int {
        precondition(0..<rows ~= row && 0..<columns ~= column, "[\(row), \(column)] of shape [\(rows), \(columns)]")
        return offset + row * stride + column
    }
}

// MARK: - Views of the backend's storage

extension Storage {
    /// The same storage. Traps for that of another backend.
    var reference: ReferenceStorage {
        guard let own = self as? ReferenceStorage else { preconditionFailure("\(Self.self) is not memory of this backend") }
        return own
    }
}

extension PackedMatrix {
    /// The numbers `[rows, columns]`, which are kept as float32 after they were rounded to ``precision``.
    var numbers: ReferenceNumbers {
        ReferenceNumbers(Matrix(storage: storage, offset: 0, rows: rows, columns: columns))
    }
}

extension Indices {
    /// The integers.
    var integers: [Int] { (0..<count).map { Int(Int32(bitPattern: storage.reference[$0])) } }
}

extension Mask {
    /// Whether each step is padding.
    var padding: [Bool] { (0..<count).map { storage.reference[$0 / 4] >> UInt32($0 % 4 * 8) & 0xFF == 0 } }
}

extension Scalars {
    /// The scalar at `index`, whose lower 32 bits are the first of its two words.
    subscript(index: Int) -> Double {
        get {
            check(index)
            let words = storage.reference
            return Double(bitPattern: UInt64(words[2 * index]) | UInt64(words[2 * index + 1]) << 32)
        }
        nonmutating set {
            check(index)
            storage.reference[2 * index] = UInt32(truncatingIfNeeded: newValue.bitPattern)
            storage.reference[2 * index + 1] = UInt32(newValue.bitPattern >> 32)
        }
    }

    private func check(_ index: Int) { precondition(0..<count ~= index, "scalar \(index) of \(count)") }
}
