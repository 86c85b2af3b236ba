import ChargenTensor

/// What training minimizes, under Keras's names: the mean over all examples, and over their steps where there is time.
public enum Loss: String, Sendable, Codable, CaseIterable {
    /// `−y ln p − (1 − y) ln (1 − p)` in nats, the mean over the columns, for outputs of a sigmoid.
    case binaryCrossentropy = "binary_crossentropy"
    /// `−Σ y ln p` in nats, for outputs of a softmax; targets are one-hot.
    case categoricalCrossentropy = "categorical_crossentropy"
    /// The same, with the number of the class as the target.
    case sparseCategoricalCrossentropy = "sparse_categorical_crossentropy"
    /// `(y − p)²`, the mean over the columns.
    case meanSquaredError = "mse"

    /// The activation that the loss contains, if it does. It is computed from the pre-activations then, which is exact
    /// however certain the model is, and gives a simple gradient.
    package var activation: Activation? {
        switch self {
        case .binaryCrossentropy: .sigmoid
        case .categoricalCrossentropy, .sparseCategoricalCrossentropy: .softmax
        case .meanSquaredError: nil
        }
    }

    /// The backend's function of pre-activations or predictions.
    package var function: LossFunction {
        switch self {
        case .binaryCrossentropy: .sigmoidCrossEntropy
        case .categoricalCrossentropy, .sparseCategoricalCrossentropy: .softmaxCrossEntropy
        case .meanSquaredError: .squaredError
        }
    }

    /// Whether a prediction is right or wrong.
    package var hasClasses: Bool { activation != nil }

    /// Checks `targets`, in the order of the output's rows, against an output `[rows, columns]`.
    /// - Throws: ``LayerError`` for targets of another shape, or classes that do not exist.
    package func targets(
        _ targets: Tensor, rows: Int, columns: Int, on backend: any Backend
    ) throws -> LossTargets {
        let width = self == .sparseCategoricalCrossentropy ? 1 : columns
        guard targets.values.count == rows * width, targets.shape.last == width || width == 1 else {
            throw LayerError.wrongShape(what: "the targets", found: targets.shape, expected: [rows, width])
        }
        guard self == .sparseCategoricalCrossentropy else {
            return .values(backend.makeMatrix(rows, columns, targets.values))
        }
        let classes = try targets.values.enumerated().map { row, value in
                guard let target = Int32(exactly: value), 0..<Int32(columns) ~= target else {
                    throw LayerError.outOfRange(
                        layer: "target \(row)", option: "class", value: "\(value)", allowed: "0 to \(columns - 1)")
                }
                return target
            }
        return .classes(backend.makeIndices(classes, limit: columns))
    }
}

/// Sums over predictions: of their losses, and of those that are right.
public struct LossTotals: Sendable, Equatable, Codable {
    /// The sum of the losses, each times the weight of its example.
    public var sum: Double
    /// Predictions, without masked ones.
    public var count: Int
    /// Right predictions; nil where they were not counted.
    public var right: Int?

    /// Totals of `count` predictions.
    public init(sum: Double = 0, count: Int = 0, right: Int? = nil) {
        self.sum = sum
        self.count = count
        self.right = right
    }

    /// The mean loss of a prediction.
    public var loss: Double { sum / Double(max(count, 1)) }
    /// The share of right predictions; nil where they were not counted.
    public var accuracy: Double? { right.map { Double($0) / Double(max(count, 1)) } }
    /// `exp(loss)`.
    public var perplexity: Double { exponential(loss) }

    package static func += (left: inout LossTotals, right: LossTotals) {
        left.sum += right.sum
        left.count += right.count
        if let more = right.right { left.right = (left.right ?? 0) + more }
    }
}

/// The loss of a batch, whose sums are still in the backend's memory.
package struct BatchLoss {
    /// `[1, rows]`: the loss of each row, until the next loss is computed.
    package let rowLosses: Matrix
    /// The sums, until the next loss is computed.
    package let sums: StepSums
    /// Predictions, without masked ones.
    package let count: Int
    package let countsRight: Bool

    /// Copies the sums to the host.
    package var totals: LossTotals { totals(sums.read()) }

    /// The totals that `sums` says.
    package func totals(_ sums: (loss: Double, right: Double, gradientNorm: Double, isSkipped: Bool)) -> LossTotals {
        LossTotals(sum: sums.loss, count: count, right: countsRight ? Int(sums.right) : nil)
    }
}
