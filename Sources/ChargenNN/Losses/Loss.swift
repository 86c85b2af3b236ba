import ChargenTensor

/// What training makes small, under Keras's names; the mean over all examples (and over steps, where there is time).
public enum Loss: String, Sendable, Codable, CaseIterable {
    /// `−y ln p − (1 − y) ln (1 − p)` in nats, the mean over the columns, for outputs of a sigmoid.
    case binaryCrossentropy = "binary_crossentropy"
    /// `−Σ y ln p` in nats, for outputs of a softmax; targets are one-hot.
    case categoricalCrossentropy = "categorical_crossentropy"
    /// The same with one number for each target: the class's.
    case sparseCategoricalCrossentropy = "sparse_categorical_crossentropy"
    /// `(y − p)²`, the mean over the columns.
    case meanSquaredError = "mse"

    /// The activation whose outputs the loss is made for, if it is; then the gradient of the sums before it is simple, and
    /// exact where that of the probabilities is not.
    package var activation: Activation? {
        switch self {
        case .binaryCrossentropy: .sigmoid
        case .categoricalCrossentropy, .sparseCategoricalCrossentropy: .softmax
        case .meanSquaredError: nil
        }
    }

    /// The loss of `predictions [M, C]` against `targets [M, C]` (`[M, 1]` where they are sparse), summed over the rows,
    /// and into `gradient [M, C]` that of its mean: by the sums before ``activation``, or by the predictions where there
    /// is none.
    /// - Throws: ``LayerError`` for targets of another shape, or classes that there are not.
    package func evaluate(_ predictions: Matrix, targets: Tensor, gradient: Matrix? = nil) throws -> Double {
        let (rows, columns) = (predictions.rows, predictions.columns)
        let width = self == .sparseCategoricalCrossentropy ? 1 : columns
        guard targets.values.count == rows * width, targets.shape.last == width || width == 1 else {
            throw LayerError.wrongShape(what: "the targets", found: targets.shape, expected: [rows, width])
        }
        let p = predictions.values, y = targets.values
        var g = gradient == nil ? [] : [Float](repeating: 0, count: p.count), sum = 0.0
        let share = 1 / Float(rows)
        switch self {
        case .binaryCrossentropy:
            for i in p.indices {
                let kept = Self.limited(p[i])
                sum -= Double(y[i]) * naturalLogarithm(Double(kept)) / Double(columns)
                sum -= Double(1 - y[i]) * naturalLogarithm(Double(1 - kept)) / Double(columns)
                if gradient != nil { g[i] = (p[i] - y[i]) * share / Float(columns) }
            }
        case .categoricalCrossentropy:
            for i in p.indices {
                if y[i] != 0 { sum -= Double(y[i]) * Self.log(p[i]) }
                if gradient != nil { g[i] = (p[i] - y[i]) * share }
            }
        case .sparseCategoricalCrossentropy:
            for row in 0..<rows {
                guard let target = Int(exactly: y[row]), 0..<columns ~= target else {
                    throw LayerError.outOfRange(
                        layer: "target \(row)", option: "class", value: "\(y[row])", allowed: "0 to \(columns - 1)")
                }
                sum -= Self.log(p[row * columns + target])
                guard gradient != nil else { continue }
                for i in row * columns..<(row + 1) * columns { g[i] = p[i] * share }
                g[row * columns + target] -= share
            }
        case .meanSquaredError:
            for i in p.indices {
                let difference = p[i] - y[i]
                sum += Double(difference) * Double(difference) / Double(columns)
                if gradient != nil { g[i] = 2 * difference * share / Float(columns) }
            }
        }
        gradient?.assign(g)
        return sum
    }

    private static func log(_ p: Float) -> Double { naturalLogarithm(Double(limited(p))) }

    /// Keras's bounds: a probability is never quite zero or one.
    private static func limited(_ p: Float) -> Float { min(max(p, 1e-7), 1 - 1e-7) }
}
