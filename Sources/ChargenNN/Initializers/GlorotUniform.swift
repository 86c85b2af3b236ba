import ChargenTensor

/// Values drawn evenly from ±√(6 / (rows + columns)), so that signals keep their size forward and backward
/// (Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010, eq. 16).
/// Keras's default for kernels.
struct GlorotUniform {
    func fill(_ matrix: Matrix, using random: inout RandomSource) {
        let limit = (6 / Float(matrix.rows + matrix.columns)).squareRoot()
        matrix.assign((0..<matrix.count).map { _ in random.uniform(in: -limit..<limit) })
    }
}
