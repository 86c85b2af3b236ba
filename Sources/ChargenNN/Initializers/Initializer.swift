import ChargenTensor

/// How a parameter's numbers begin, under Keras's names.
public enum Initializer: Sendable, Equatable {
    /// ±√(6 / (rows + columns)), evenly: Keras's default for kernels.
    case glorotUniform
    /// Orthonormal rows, or columns where there are more rows: Keras's default for recurrent kernels.
    case orthogonal
    /// ±√(3 / fanIn), evenly.
    case lecunUniform(fanIn: Int)
    /// All zero.
    case zeros
    /// All one.
    case ones
    /// All the same.
    case constant(Float)
    /// Evenly from `minimum` to `maximum`; Keras's default is ±0.05.
    case randomUniform(minimum: Float = -0.05, maximum: Float = 0.05)
    /// Normally distributed; Keras's default has a standard deviation of 0.05.
    case randomNormal(mean: Float = 0, standardDeviation: Float = 0.05)

    /// Overwrites `matrix`.
    package func fill(_ matrix: Matrix, using random: inout RandomSource, on backend: any Backend) {
        switch self {
        case .glorotUniform: GlorotUniform().fill(matrix, using: &random)
        case .orthogonal: Orthogonal().fill(matrix, using: &random, on: backend)
        case .lecunUniform(let fanIn): LeCunUniform(fanIn: fanIn).fill(matrix, using: &random)
        case .zeros: matrix.fill(0)
        case .ones: matrix.fill(1)
        case .constant(let value): matrix.fill(value)
        case .randomUniform(let minimum, let maximum):
            matrix.assign((0..<matrix.count).map { _ in minimum + (maximum - minimum) * Float(random.uniform()) })
        case .randomNormal(let mean, let deviation):
            matrix.assign((0..<matrix.count).map { _ in mean + deviation * Float(random.normal()) })
        }
    }
}
