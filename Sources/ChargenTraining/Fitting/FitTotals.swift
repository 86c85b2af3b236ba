import ChargenNN
import ChargenTensor

/// Sums over examples.
struct FitTotals {
    private var sum = 0.0
    private var right = 0
    private var rows = 0
    private var hasClasses = false

    init() {}

    /// Of one batch's outputs.
    init(_ output: Signal, _ targets: Tensor, _ loss: Loss, gradient: Matrix?) throws {
        let values = try output.numbers()
        // Outputs are time-major, targets as users give them.
        let ordered = output.steps != nil && targets.shape.count > 1 ? targets.swapped : targets
        sum = try loss.evaluate(values, targets: ordered, gradient: gradient)
        rows = values.rows
        hasClasses = loss != .meanSquaredError
        if hasClasses { right = Self.right(values, ordered, loss) }
    }

    var loss: Double { sum / Double(max(rows, 1)) }
    var accuracy: Double? { hasClasses ? Double(right) / Double(max(rows, 1)) : nil }

    mutating func add(_ other: FitTotals) {
        sum += other.sum
        right += other.right
        rows += other.rows
        hasClasses = other.hasClasses
    }

    /// Rows whose likeliest class is the target's, or, of independent answers, all of whose are on its side of one half.
    private static func right(_ values: Matrix, _ targets: Tensor, _ loss: Loss) -> Int {
        let (columns, numbers) = (values.columns, values.values)
        return (0..<values.rows).count { row in
            let found = numbers[row * columns..<(row + 1) * columns]
            switch loss {
            case .sparseCategoricalCrossentropy: return largest(found) == Int(targets.values[row])
            case .binaryCrossentropy:
                return found.indices.allSatisfy { (found[$0] > 0.5) == (targets.values[$0] > 0.5) }
            default: return largest(found) == largest(targets.values[row * columns..<(row + 1) * columns])
            }
        }
    }

    private static func largest(_ values: ArraySlice<Float>) -> Int {
        var best = values.startIndex
        for index in values.indices where values[index] > values[best] { best = index }
        return best - values.startIndex
    }
}
