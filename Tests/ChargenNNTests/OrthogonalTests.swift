import ChargenCPU
import ChargenTensor
import Testing

import ChargenNN

/// The orthogonal initializer.
@Suite struct OrthogonalTests {
    static let shapes = [
        (1, 1), (1, 7), (2, 2), (5, 5), (3, 8), (8, 3), (60, 90), (90, 60), (129, 129), (150, 600), (600, 150), (300, 301),
        (257, 257), (513, 700), (520, 520),
    ]

    private func matrix(
        _ rows: Int, _ columns: Int, seed: UInt64 = 3, threads: Int = 2, by initializer: Orthogonal = Orthogonal()
    ) throws -> Matrix {
        let matrix = Matrix(rows: rows, columns: columns)
        var random = RandomSource(seed: seed)
        initializer.fill(matrix, using: &random, on: try CPUBackend(threads: threads))
        return matrix
    }

    /// The largest difference of the scalar products of rows, or of columns where they are fewer, from those of
    /// orthonormal vectors.
    private func error(_ matrix: Matrix) throws -> Double {
        let (R, C) = (matrix.rows, matrix.columns), values = matrix.values
        let count = min(R, C), length = max(R, C)
        let vectors = (0..<count).map { i in
            (0..<length).map { Double(R <= C ? values[i * C + $0] : values[$0 * C + i]) }
        }
        var worst = 0.0
        for i in 0..<count {
            for j in 0...i {
                var dot = 0.0
                for k in 0..<length { dot += vectors[i][k] * vectors[j][k] }
                worst = max(worst, abs(dot - (i == j ? 1 : 0)))
            }
        }
        return worst
    }

    @Test(arguments: shapes) func orthonormal(_ rows: Int, _ columns: Int) throws {
        let error = try error(matrix(rows, columns))
        #expect(error < 2e-6, "\(rows) × \(columns): \(error)")
    }

    /// The way for large matrices, whose sizes are no multiples of the number of groups.
    @Test(arguments: [(50, 51), (50, 90), (301, 1203), (90, 50)]) func orthonormalByGroups(_ rows: Int, _ columns: Int) throws {
        let small = Orthogonal(mostRows: 16, groupRows: 13)
        let matrix = try matrix(rows, columns, by: small)
        let error = try error(matrix)
        #expect(error < 2e-6, "\(rows) × \(columns): \(error)")
        #expect(matrix.values.allSatisfy { $0 != 0 })  // the columns of no group are left out
    }

    @Test(arguments: [(130, 130), (70, 260), (260, 70), (300, 400)]) func sameForAnyThreads(_ rows: Int, _ columns: Int) throws {
        for initializer in [Orthogonal(), Orthogonal(mostRows: 64, groupRows: 30)] {
            let one = try matrix(rows, columns, threads: 1, by: initializer).values
            for threads in [2, 3, 7] {
                #expect(try matrix(rows, columns, threads: threads, by: initializer).values == one)
            }
            #expect(try matrix(rows, columns, seed: 4, by: initializer).values != one)
        }
    }

    /// Uniform over all such matrices: the mean of an element is 0, of its square 1 / C, of its fourth power 3 / (C (C + 2)),
    /// and of the product of two rows' elements 0. The fourth power differs where rows are drawn in groups.
    @Test(arguments: [false, true]) func uniform(byGroups: Bool) throws {
        let (R, C) = (5, 8), draws = 4000
        let initializer = byGroups ? Orthogonal(mostRows: 1, groupRows: 2) : Orthogonal()
        let backend = try CPUBackend(threads: 1)
        var random = RandomSource(seed: 9)
        var sums = [[Double]](repeating: [0, 0, 0, 0], count: R * C)
        let matrix = Matrix(rows: R, columns: C)
        for _ in 0..<draws {
            initializer.fill(matrix, using: &random, on: backend)
            let values = matrix.values.map(Double.init)
            for (index, x) in values.enumerated() {
                let other = values[(index + C) % (R * C)]
                for (moment, y) in [x, x * x, x * x * x * x, x * other].enumerated() { sums[index][moment] += y }
            }
        }
        // About five standard deviations of the means.
        let variance = 1 / Double(C)
        for sum in sums {
            let means = sum.map { $0 / Double(draws) }
            #expect(abs(means[0]) < 5 * (variance / Double(draws)).squareRoot())
            #expect(abs(means[1] - variance) < 0.015)
            #expect(abs(means[3]) < 0.011)
            if !byGroups { #expect(abs(means[2] - 3 / Double(C * (C + 2))) < 0.008) }
        }
    }
}
