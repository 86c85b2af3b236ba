import ChargenTensor

/// A rule for the initial values of a parameter, under Keras's name.
public enum Initializer: Sendable, Equatable {
    /// Uniform in ±√(6 / (rows + columns)), so that signals keep their variance in the forward and the backward pass
    /// (Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010, eq. 16).
    /// Keras's default for kernels.
    case glorotUniform
    /// Orthonormal rows, or columns where there are more rows; see `Orthogonal`. Keras's default for recurrent kernels.
    case orthogonal
    /// Uniform in ±√(3 / fanIn), so that a unit's pre-activation has variance one if its inputs have (LeCun, Bottou, Orr
    /// and Müller, "Efficient BackProp", 1998, section 4.6). `fanIn` is the number of inputs that are not zero at once.
    case lecunUniform(fanIn: Int)
    /// All zero.
    case zeros
    /// All one.
    case ones
    /// All the same number.
    case constant(Float)
    /// Uniform from `minimum` to `maximum`; Keras's default is ±0.05.
    case randomUniform(minimum: Float = -0.05, maximum: Float = 0.05)
    /// Normally distributed; Keras's default has a standard deviation of 0.05.
    case randomNormal(mean: Float = 0, standardDeviation: Float = 0.05)

    /// Overwrites `matrix` with initial values.
    package func fill(_ matrix: Matrix, using random: inout RandomSource, on backend: any Backend) {
        func uniform(_ limit: Float) {
            matrix.assign((0..<matrix.count).map { _ in random.uniform(in: -limit..<limit) })
        }
        switch self {
        case .glorotUniform: uniform((6 / Float(matrix.rows + matrix.columns)).squareRoot())
        case .orthogonal: Orthogonal().fill(matrix, using: &random, on: backend)
        case .lecunUniform(let fanIn): uniform((3 / Float(fanIn)).squareRoot())
        case .zeros: backend.fill(matrix, with: 0)
        case .ones: backend.fill(matrix, with: 1)
        case .constant(let value): backend.fill(matrix, with: value)
        case .randomUniform(let minimum, let maximum):
            matrix.assign((0..<matrix.count).map { _ in minimum + (maximum - minimum) * Float(random.uniform()) })
        case .randomNormal(let mean, let deviation):
            matrix.assign((0..<matrix.count).map { _ in mean + deviation * Float(random.normal()) })
        }
    }
}
