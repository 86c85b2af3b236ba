import ChargenTensor

/// A matrix with no more rows than columns whose rows are orthonormal (Saxe, McClelland and Ganguli, "Exact solutions to
/// the nonlinear dynamics of learning in deep linear neural networks", 2014). Keras's default for recurrent kernels.
struct Orthogonal {
    func fill(_ matrix: Matrix, using random: inout RandomSource, on backend: any Backend) {
        precondition(matrix.rows <= matrix.columns, "orthonormal rows of shape \(matrix.shape)")
        matrix.assign((0..<matrix.count).map { _ in Float(random.normal()) })
        // Gram and Schmidt's process in its modified form. Twice, since one pass in float32 leaves what rounding left.
        for _ in 0..<2 {
            for row in 0..<matrix.rows {
                let current = matrix[row..<row + 1]
                let norm = backend.dot(current, current).squareRoot()
                backend.addScaled(1 / norm - 1, current, to: current)
                for later in row + 1..<matrix.rows {
                    let other = matrix[later..<later + 1]
                    backend.addScaled(-backend.dot(current, other), current, to: other)
                }
            }
        }
    }
}
