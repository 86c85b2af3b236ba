import ChargenCPU
import ChargenTensor
import ChargenTestSupport
import Testing

/// The backend's operations against plain sums, for every instruction set of this machine.
@Suite struct BackendTests {
    private func matrix(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
        Matrix(rows: rows, columns: columns, seed: seed)
    }

    /// The same numbers as an operand, rounded to its precision.
    private func operand(_ matrix: Matrix, _ precision: OperandPrecision, on backend: any Backend) -> Operand {
        let operand = backend.makeOperand(matrix.rows, matrix.columns, precision)
        backend.copy(Operand(matrix), into: operand)
        return operand
    }

    /// Sizes that end inside tiles, panels and depth blocks, and at a single row or column.
    static let sizes = [
        (1, 1, 1), (1, 70, 130), (5, 65, 3), (13, 64, 129), (97, 33, 260), (200, 129, 17), (30, 1, 600), (3, 40, 1),
        (600, 5, 1100),
    ]

    /// Both kinds of products against sums in double; the right side packed in both ways.
    @Test(arguments: availableInstructionSets, [OperandPrecision.float32, .bfloat16])
    func products(_ set: InstructionSet, _ precision: OperandPrecision) throws {
        let backend = try CPUBackend(threads: 2, instructionSet: set)
        for (m, n, k) in Self.sizes {
            let left = matrix(m, k, seed: 1), right = matrix(k, n, seed: 2), bias = matrix(1, n, seed: 3)
            let a = operand(left, precision, on: backend), b = operand(right, precision, on: backend)
            let (av, bv) = (a.values, b.values)
            var sums = [Double](repeating: 0, count: m * n)
            for i in 0..<m {
                for p in 0..<k {
                    for j in 0..<n { sums[i * n + j] += Double(av[i * k + p]) * Double(bv[p * n + j]) }
                }
            }
            let biases = bias.values
            for turned in [false, true] {
                let packed = backend.makePacked(rows: k, columns: n, precision: precision)
                let stored = Matrix(rows: n, columns: k)
                stored.assign(right.tensor().transposed.values)
                backend.pack(turned ? stored : right, transposed: turned, into: packed)
                let c = Matrix(rows: m, columns: n)
                c.fill(.nan)
                backend.product(a, packed, bias: bias, into: c)
                let expected = sums.indices.map { Float(sums[$0] + Double(biases[$0 % n])) }
                expectClose(c.values, expected, absolute: 1e-4, "\(m) × \(n) × \(k)")
            }
            let stored = Matrix(rows: k, columns: m)
            stored.assign(left.tensor().transposed.values)
            let c = Matrix(rows: m, columns: n)
            c.fill(.nan)
            backend.transposedProduct(
                operand(stored, precision, on: backend), b, scratch: backend.makeScratch(), into: c)
            expectClose(c.values, sums.map { Float($0) }, absolute: 1e-4, "transposed \(m) × \(n) × \(k)")
        }
    }

    @Test(arguments: availableInstructionSets) func sumsAndScatter(_ set: InstructionSet) throws {
        let backend = try CPUBackend(threads: 2, instructionSet: set)
        let rows = matrix(37, 53, seed: 4), table = matrix(11, 53, seed: 5), sums = Matrix(rows: 1, columns: 53)
        let tokens = (0..<37).map { Int32($0 * 7 % 11) }
        var expected = [Float](repeating: 0, count: 11 * 53)
        sums.fill(7)
        var columns = [Float](repeating: 0, count: 53)
        for (row, token) in tokens.enumerated() {
            for j in 0..<53 {
                expected[Int(token) * 53 + j] += rows.values[row * 53 + j]
                columns[j] += rows.values[row * 53 + j]
            }
        }
        backend.scatter(Operand(rows), tokens: backend.makeIndices(tokens, limit: 11), into: table)
        backend.columnSums(Operand(rows), into: sums)
        expectClose(table.values, expected, absolute: 1e-5)
        expectClose(sums.values, columns, absolute: 1e-5)

        let flat = matrix(1, 10_001, seed: 6)
        let squares = flat.values.reduce(0) { $0 + Double($1) * Double($1) }
        let scalars = backend.makeScalars(3)
        backend.sumOfSquares([flat, flat[0..<0], flat], into: scalars, at: 1)
        backend.sum(rows, into: scalars, at: 2)
        #expect(abs(scalars.values[1] - 2 * squares) < 2e-3 && scalars.values[0] == 0)
        #expect(abs(scalars.values[2] - rows.sum(count: 37 * 53)) < 1e-3)
    }

    @Test func unknownChoicesAreErrors() {
        #expect(throws: BackendError.threadsOutOfRange(0, allowed: 1...256)) { try CPUBackend(threads: 0) }
        #expect(throws: BackendError.self) {
            for set in InstructionSet.allCases where !set.isAvailable { _ = try CPUBackend(instructionSet: set) }
            throw BackendError.unknownInstructionSet("")  // where all are available
        }
    }
}
