import ChargenTensor
import ChargenTestSupport
import Testing

/// The backend's operations against plain sums, for every instruction set of this machine.
@Suite struct BackendTests {
    private func matrix(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
        var random = RandomSource(seed: seed)
        let matrix = Matrix(rows: rows, columns: columns)
        matrix.assign((0..<rows * columns).map { _ in random.uniform(in: -1..<1) })
        return matrix
    }

    /// Sizes that end inside tiles, panels and depth blocks.
    @Test(arguments: availableInstructionSets) func product(_ set: InstructionSet) throws {
        let backend = try CPUBackend(threads: 2, instructionSet: set)
        for (m, n, k) in [(1, 1, 1), (1, 70, 130), (5, 65, 3), (13, 64, 129), (97, 33, 260), (200, 129, 17)] {
            let b = matrix(k, n, seed: 2), bias = matrix(1, n, seed: 3)
            for transposed in [false, true] {
                let a = transposed ? matrix(k, m, seed: 1) : matrix(m, k, seed: 1)
                for turned in [false, true] {
                    // Both ways to pack must give the same.
                    let packed = backend.makePacked(rows: k, columns: n)
                    let stored = Matrix(rows: n, columns: k)
                    stored.assign(b.tensor().transposed.values)
                    backend.pack(turned ? stored : b, transposed: turned, into: packed)
                    let c = Matrix(rows: m, columns: n)
                    c.fill(.nan)
                    backend.product(a, transposed: transposed, packed, bias: bias, into: c)
                    let (av, bv) = (a.values, b.values)
                    var expected = [Float]()
                    for i in 0..<m {
                        for j in 0..<n {
                            var sum = Double(bias.values[j])
                            for p in 0..<k { sum += Double(av[transposed ? p * m + i : i * k + p]) * Double(bv[p * n + j]) }
                            expected.append(Float(sum))
                        }
                    }
                    expectClose(c.values, expected, absolute: 2e-5, "\(m) × \(n) × \(k)")
                }
            }
        }
    }

    @Test(arguments: availableInstructionSets) func sumsAndScatter(_ set: InstructionSet) throws {
        let backend = try CPUBackend(threads: 2, instructionSet: set)
        let rows = matrix(37, 53, seed: 4), table = matrix(11, 53, seed: 5), sums = Matrix(rows: 1, columns: 53)
        let tokens = (0..<37).map { Int32($0 * 7 % 11) }
        var expected = table.values
        var columns = [Float](repeating: 0, count: 53)
        for (row, token) in tokens.enumerated() {
            for j in 0..<53 {
                expected[Int(token) * 53 + j] += rows.values[row * 53 + j]
                columns[j] += rows.values[row * 53 + j]
            }
        }
        backend.scatterAdd(rows, tokens: tokens, into: table)
        backend.columnSums(rows, into: sums)
        expectClose(table.values, expected, absolute: 1e-5)
        expectClose(sums.values, columns, absolute: 1e-5)

        let flat = matrix(1, 10_001, seed: 6)
        let squares = flat.values.reduce(0) { $0 + Double($1) * Double($1) }
        #expect(abs(backend.sumOfSquares(flat) - squares) < 1e-3)
    }

    @Test func unknownChoicesAreErrors() {
        #expect(throws: BackendError.threadsOutOfRange(0, allowed: 1...256)) { try CPUBackend(threads: 0) }
        #expect(throws: BackendError.self) {
            for set in InstructionSet.allCases where !set.isAvailable { _ = try CPUBackend(instructionSet: set) }
            throw BackendError.unknownInstructionSet("")  // where all are available
        }
    }
}
