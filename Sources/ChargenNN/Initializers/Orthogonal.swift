import ChargenTensor

/// A matrix whose rows, or columns where they are fewer, are orthonormal (Saxe, McClelland and Ganguli, "Exact solutions to
/// the nonlinear dynamics of learning in deep linear neural networks", 2014). Keras's default for recurrent kernels.
///
/// Gram and Schmidt's process by blocks of rows: what a block has of the rows before it is taken away by two matrix
/// products, and inside the block row by row. All twice, since one pass in float32 leaves what rounding left.
struct Orthogonal {
    private static let blockSize = 64

    func fill(_ matrix: Matrix, using random: inout RandomSource, on backend: any Backend) {
        if matrix.rows > matrix.columns {
            // Orthonormal columns are the rows of the transpose.
            let turned = Matrix(rows: matrix.columns, columns: matrix.rows)
            fill(turned, using: &random, on: backend)
            return matrix.assign(turned.tensor().transposed.values)
        }
        matrix.assign((0..<matrix.count).map { _ in Float(random.normal()) })
        let scratch = Scratch(matrix)
        for start in stride(from: 0, to: matrix.rows, by: Self.blockSize) {
            let block = matrix[start..<min(start + Self.blockSize, matrix.rows)]
            if start > 0 { remove(matrix[0..<start], from: block, scratch, on: backend) }
            for _ in 0..<2 { orthonormalize(block, on: backend) }
        }
    }

    /// Memory for the products, taken once, for the last block.
    private struct Scratch {
        /// `[block, rows before]`: what of each row a block has.
        let shares: Storage
        /// `[block, columns]`: what is taken away.
        let part: Matrix

        init(_ matrix: Matrix) {
            shares = Storage(count: Orthogonal.blockSize * matrix.rows)
            part = Matrix(rows: Orthogonal.blockSize, columns: matrix.columns)
        }
    }

    /// `block −= (block · rowsᵀ) · rows`, twice; the rows are orthonormal.
    private func remove(_ rows: Matrix, from block: Matrix, _ scratch: Scratch, on backend: any Backend) {
        let turned = backend.makePacked(rows: rows.columns, columns: rows.rows, precision: .float32)
        let straight = backend.makePacked(rows: rows.rows, columns: rows.columns, precision: .float32)
        backend.pack(rows, transposed: true, into: turned)
        backend.pack(rows, transposed: false, into: straight)
        let shares = Matrix(storage: scratch.shares, offset: 0, rows: block.rows, columns: rows.rows)
        let part = scratch.part[0..<block.rows]
        for _ in 0..<2 {
            backend.product(Operand(block), turned, bias: nil, into: shares)
            backend.product(Operand(shares), straight, bias: nil, into: part)
            backend.addScaled(-1, part, to: block)
        }
    }

    private func orthonormalize(_ block: Matrix, on backend: any Backend) {
        for row in 0..<block.rows {
            let current = block[row..<row + 1]
            backend.addScaled(1 / backend.dot(current, current).squareRoot() - 1, current, to: current)
            for later in row + 1..<block.rows {
                let other = block[later..<later + 1]
                backend.addScaled(-backend.dot(current, other), current, to: other)
            }
        }
    }
}
