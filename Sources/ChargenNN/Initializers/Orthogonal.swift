import ChargenTensor

/// A matrix with no more rows than columns whose rows are orthonormal (Saxe, McClelland and Ganguli, "Exact solutions to
/// the nonlinear dynamics of learning in deep linear neural networks", 2014). Keras's default for recurrent kernels.
///
/// Gram and Schmidt's process by blocks of rows: what a block has of the rows before it is taken away by two matrix
/// products, and inside the block row by row. All twice, since one pass in float32 leaves what rounding left.
struct Orthogonal {
    private static let blockSize = 64

    func fill(_ matrix: Matrix, using random: inout RandomSource, on backend: any Backend) {
        precondition(matrix.rows <= matrix.columns, "orthonormal rows of shape \(matrix.shape)")
        matrix.assign((0..<matrix.count).map { _ in Float(random.normal()) })
        for start in stride(from: 0, to: matrix.rows, by: Self.blockSize) {
            let block = matrix[start..<min(start + Self.blockSize, matrix.rows)]
            if start > 0 { remove(matrix[0..<start], from: block, on: backend) }
            for _ in 0..<2 { orthonormalize(block, on: backend) }
        }
    }

    /// `block −= (block · rowsᵀ) · rows`, twice; the rows are orthonormal.
    private func remove(_ rows: Matrix, from block: Matrix, on backend: any Backend) {
        let turned = backend.makePacked(rows: rows.columns, columns: rows.rows)
        let straight = backend.makePacked(rows: rows.rows, columns: rows.columns)
        backend.pack(rows, transposed: true, into: turned)
        backend.pack(rows, transposed: false, into: straight)
        let shares = Matrix(rows: block.rows, columns: rows.rows)
        let part = Matrix(rows: block.rows, columns: rows.columns)
        for _ in 0..<2 {
            backend.product(block, transposed: false, turned, bias: nil, into: shares)
            backend.product(shares, transposed: false, straight, bias: nil, into: part)
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
