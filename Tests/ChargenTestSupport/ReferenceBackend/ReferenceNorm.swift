import ChargenTensor

/// The layer normalization of one row of numbers.
struct LayerNormalization {
    /// `(x − mean) / √(variance + ε)`.
    let values: [Double]
    /// `1 / √(variance + ε)`.
    let inverse: Double

    init(_ x: [Double], epsilon: Double) {
        let count = Double(x.count), mean = x.reduce(0, +) / count
        let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        let inverse = 1 / (variance + epsilon).squareRoot()
        values = x.map { ($0 - mean) * inverse }
        self.inverse = inverse
    }
}

/// The normalization of a layer's recurrent products, and what its passes keep of it.
struct ReferenceNorm {
    private let gain: [Double]
    private let epsilon: Double
    private let values: ReferenceNumbers
    private let deviations: ReferenceNumbers
    private let gradients: ReferenceNumbers

    init(_ norm: RecurrentPass.Norm) {
        gain = ReferenceNumbers(norm.gain).all
        epsilon = Double(norm.epsilon)
        (values, gradients) = (ReferenceNumbers(norm.values), ReferenceNumbers(norm.gradients))
        deviations = ReferenceNumbers(norm.deviations)
    }

    /// The normalized product of row `at`, gain included.
    func normalize(_ product: [Double], _ at: Int) -> [Double] {
        let norm = LayerNormalization(product, epsilon: epsilon)
        for (column, value) in norm.values.enumerated() { values[at, column] = value }
        deviations[at] = norm.inverse
        return zip(norm.values, gain).map(*)
    }

    /// The gradient of row `at` of the product, from that of the result: by the Jacobian
    /// `∂y_j/∂x_i = gain_j · inverse · (δ_ij − 1/n − y_i·y_j/n)`, with y before the gain.
    func differentiate(_ d: [Double], _ at: Int) -> [Double] {
        let y = values.row(at), n = Double(d.count), inverse = deviations[at]
        for i in d.indices {
            gradients[at, i] = d.indices.reduce(0) { sum, j in
                sum + d[j] * gain[j] * inverse * ((i == j ? 1 : 0) - 1 / n - y[i] * y[j] / n)
            }
        }
        return gradients.row(at)
    }

    /// The gradients of a row that is padding.
    func clearGradients(_ at: Int) { for column in 0..<gradients.columns { gradients[at, column] = 0 } }
}

extension ReferenceBackend {
    /// This backend normalizes a row as soon as it has multiplied it, and needs no memory for that.
    package func makeNormScratch(_ kind: CellKind, hiddenSize: Int, batchSize: Int) -> any Storage { makeStorage(count: 0) }
}
