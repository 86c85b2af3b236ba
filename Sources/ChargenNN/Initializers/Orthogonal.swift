import ChargenTensor

/// A matrix whose rows, or columns where they are fewer, are orthonormal (Saxe, McClelland and Ganguli, "Exact solutions to
/// the nonlinear dynamics of learning in deep linear neural networks", 2014). Keras's default for recurrent kernels.
///
/// Keras decomposes a normally distributed matrix into Q·R. Its Q is a product of Householder reflections of normally
/// distributed vectors, so that they are drawn directly here (Stewart, "The efficient generation of random orthogonal
/// matrices with an application to condition estimators", 1980). They are applied in blocks, as matrix products (Schreiber
/// and Van Loan, "A storage-efficient WY representation for products of Householder transformations", 1989). The product of
/// reflections is orthogonal up to rounding, whatever the vectors are.
///
/// This takes 2·R²·C multiply-adds for R rows and C columns, which are seconds for the largest kernels. Therefore a matrix
/// of more than ``mostRows`` rows and yet more columns is the product of a square one, of R rows, and of R rows that are
/// drawn in groups: the rows of a group are orthonormal in columns of their own, which are scattered at random. The rows of
/// the product are distributed uniformly within the space that they span.
package struct Orthogonal {
    /// The number of rows up to which a matrix with more columns than rows is drawn as one.
    package var mostRows: Int
    /// The number of rows of a group in larger ones.
    package var groupRows: Int

    package init(mostRows: Int = 1024, groupRows: Int = 256) {
        self.mostRows = mostRows
        self.groupRows = groupRows
    }

    /// Overwrites `matrix`. The same state of `random` gives the same numbers for any number of threads.
    package func fill(_ matrix: Matrix, using random: inout RandomSource, on backend: any Backend) {
        if matrix.rows > matrix.columns {
            // Orthonormal columns are the rows of the transpose.
            let turned = backend.makeMatrix(matrix.columns, matrix.rows)
            fill(turned, using: &random, on: backend)
            matrix.assign(turned.tensor().transposed.values)
        } else if matrix.rows > mostRows && matrix.columns > matrix.rows {
            fillByGroups(matrix, using: &random, on: backend)
        } else {
            fillByReflections(matrix, using: &random, on: backend)
        }
    }

    // MARK: Reflections

    /// The number of reflections that are applied at once, and of rows that are computed at once.
    private static let blockSize = 256, rowsAtOnce = 512

    /// Fills `matrix [R, C]`, R ≤ C, with the first R rows of `signs · H(R−1) ⋯ H(1) · H(0)`, where `H(k)` reflects a random
    /// vector of the columns from k on to the axis of column k.
    private func fillByReflections(_ matrix: Matrix, using random: inout RandomSource, on backend: any Backend) {
        let (R, C) = (matrix.rows, matrix.columns), part = backend.makeMatrix(min(R, Self.rowsAtOnce), C)
        for start in stride(from: 0, to: R, by: Self.blockSize).reversed() {
            let range = start..<min(start + Self.blockSize, R)
            let reflections = Reflections(range, columns: C, using: &random, on: backend)
            matrix[range].assign(reflections.axes)
            // The reflections change only their own rows and those below, which are zero in the columns before `start`.
            for first in stride(from: start, to: R, by: Self.rowsAtOnce) {
                let rows = matrix[first..<min(first + Self.rowsAtOnce, R)]
                reflections.computeChange(of: rows, into: part[0..<rows.rows], on: backend)
                backend.addScaled(-1, part[0..<rows.rows], to: rows)
            }
        }
    }

    /// B neighbouring reflections `H(k) = I − 2·vₖᵀ·vₖ / |vₖ|²`, for the k of a range, of vectors `vₖ` of C columns that are
    /// zero in the columns before k.
    ///
    /// The product `H(last) ⋯ H(first)` is `I − Vᵀ · L⁻¹ · V`, where L is the lower triangle of `V · Vᵀ` with its diagonal
    /// halved.
    private struct Reflections {
        private let range: Range<Int>
        private let columns: Int
        /// For each k the sign with which the reflected vector points along the axis.
        private let signs: [Float]
        /// `[C − first, B]`: Vᵀ without the columns that are zero in all vectors.
        private let turned: PackedMatrix
        /// `[B, C]`: `L⁻¹ · V`.
        private let combined: PackedMatrix

        init(_ range: Range<Int>, columns C: Int, using random: inout RandomSource, on backend: any Backend) {
            let (B, width) = (range.count, C - range.lowerBound)
            self.range = range
            columns = C
            let vectors = backend.makeMatrix(B, width), products = backend.makeMatrix(B, B)
            let drawn = Self.draw(count: B, columns: width, using: &random)
            signs = drawn.signs
            vectors.assign(drawn.vectors)
            turned = backend.makePacked(rows: width, columns: B, precision: .float32)
            backend.pack(vectors, transposed: true, into: turned)
            backend.product(Operand(vectors), turned, bias: nil, into: products)

            let inverse = backend.makeMatrix(B, B), product = backend.makeMatrix(B, width)
            inverse.assign(Self.inverseOfTriangle(products.values, size: B))
            let straight = backend.makePacked(rows: B, columns: width, precision: .float32)
            backend.pack(vectors, transposed: false, into: straight)
            backend.product(Operand(inverse), straight, bias: nil, into: product)
            let values = product.values, zeros = repeatElement(Float(0), count: range.lowerBound)
            let padded = backend.makeMatrix(B, C)
            padded.assign((0..<B).flatMap { zeros + values[$0 * width..<($0 + 1) * width] })
            combined = backend.makePacked(rows: B, columns: C, precision: .float32)
            backend.pack(padded, transposed: false, into: combined)
        }

        /// `[B, C]`: the axes, with the signs.
        var axes: [Float] {
            var values = [Float](repeating: 0, count: range.count * columns)
            for (row, k) in range.enumerated() { values[row * columns + k] = signs[row] }
            return values
        }

        /// `change = rows − rows · H(last) ⋯ H(first)`.
        func computeChange(of rows: Matrix, into change: Matrix, on backend: any Backend) {
            let shares = backend.makeMatrix(rows.rows, range.count)
            backend.product(Operand(rows).columns(range.lowerBound..<columns), turned, bias: nil, into: shares)
            backend.product(Operand(shares), combined, bias: nil, into: change)
        }

        /// Draws the vectors `[count, columns]`; vector k is zero in its first k columns.
        private static func draw(
            count: Int, columns: Int, using random: inout RandomSource
        ) -> (vectors: [Float], signs: [Float]) {
            var vectors = [Float](repeating: 0, count: count * columns), signs: [Float] = []
            vectors.withUnsafeMutableBufferPointer { vectors in
                for k in 0..<count {
                    // v = x / |x| ± e(k), with the sign of x(k), so that nothing cancels.
                    let vector = UnsafeMutableBufferPointer(rebasing: vectors[k * columns + k..<(k + 1) * columns])
                    random.fillNormal(vector)
                    let inverse = Float(1 / vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot())
                    for index in vector.indices { vector[index] *= inverse }
                    signs.append(vector[0] < 0 ? 1 : -1)
                    vector[0] -= signs[k]
                }
            }
            return (vectors, signs)
        }

        /// The inverse of the lower triangle of `products [B, B]` with its diagonal halved, computed by rows from the top.
        private static func inverseOfTriangle(_ products: [Float], size B: Int) -> [Float] {
            var inverse = [Float](repeating: 0, count: B * B), sums = [Double](repeating: 0, count: B)
            inverse.withUnsafeMutableBufferPointer { inverse in
                sums.withUnsafeMutableBufferPointer { sums in
                    for i in 0..<B {
                        for column in 0..<i { sums[column] = 0 }
                        sums[i] = 1
                        for j in 0..<i {
                            let factor = Double(products[i * B + j])
                            for column in 0...j { sums[column] -= factor * Double(inverse[j * B + column]) }
                        }
                        let diagonal = Double(products[i * B + i]) / 2
                        for column in 0...i { inverse[i * B + column] = Float(sums[column] / diagonal) }
                    }
                }
            }
            return inverse
        }
    }

    // MARK: Groups

    /// Fills `matrix [R, C]`, R < C, with `square · groups`, whose columns are in random order.
    private func fillByGroups(_ matrix: Matrix, using random: inout RandomSource, on backend: any Backend) {
        let (R, C) = (matrix.rows, matrix.columns)
        let square = backend.makeMatrix(R, R)
        fillByReflections(square, using: &random, on: backend)
        let groups = drawGroups(rows: R, columns: C, using: &random, on: backend)
        let memory = backend.makeStorage(count: Self.rowsAtOnce * groups.map(\.columns.count).max()!)
        var values: [Float] = []
        for first in stride(from: 0, to: R, by: Self.rowsAtOnce) {
            let rows = matrix[first..<min(first + Self.rowsAtOnce, R)]
            let left = Operand(square[first..<first + rows.rows])
            if values.count != rows.count { values = [Float](repeating: 0, count: rows.count) }
            for group in groups {
                let product = Matrix(storage: memory, offset: 0, rows: rows.rows, columns: group.columns.count)
                backend.product(left.columns(group.rows), group.packed, bias: nil, into: product)
                Self.scatter(product.values, to: &values, columns: group.columns, of: C)
            }
            rows.assign(values)
        }
    }

    /// Rows that are orthonormal in columns of their own and zero in the others.
    private struct Group {
        let rows: Range<Int>
        let columns: [Int]
        /// `[rows, columns]`
        let packed: PackedMatrix
    }

    private func drawGroups(
        rows R: Int, columns C: Int, using random: inout RandomSource, on backend: any Backend
    ) -> [Group] {
        var order = Array(0..<C)
        order.shuffle(using: &random)
        let count = (R + groupRows - 1) / groupRows
        var groups: [Group] = []
        for group in 0..<count {
            // At least as many columns as rows.
            func part(of total: Int) -> Range<Int> { total * group / count..<total * (group + 1) / count }
            let rows = part(of: R), more = part(of: C - R)
            let columns = Array(order[rows.lowerBound + more.lowerBound..<rows.upperBound + more.upperBound])
            let matrix = backend.makeMatrix(rows.count, columns.count)
            fillByReflections(matrix, using: &random, on: backend)
            let packed = backend.makePacked(rows: rows.count, columns: columns.count, precision: .float32)
            backend.pack(matrix, transposed: false, into: packed)
            groups.append(Group(rows: rows, columns: columns, packed: packed))
        }
        return groups
    }

    /// Writes `part`, whole rows of numbers for `columns`, to `values [.., C]`.
    private static func scatter(_ part: [Float], to values: inout [Float], columns: [Int], of C: Int) {
        values.withUnsafeMutableBufferPointer { values in
            part.withUnsafeBufferPointer { part in
                columns.withUnsafeBufferPointer { columns in
                    for row in 0..<part.count / columns.count {
                        let (source, target) = (row * columns.count, row * C)
                        for index in 0..<columns.count { values[target + columns[index]] = part[source + index] }
                    }
                }
            }
        }
    }
}
