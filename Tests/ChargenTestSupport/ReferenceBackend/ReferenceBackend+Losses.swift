import ChargenTensor
import Foundation

extension ReferenceBackend {
    /// If the gradient is written to other memory than `outputs`, the outputs become NaN: a caller that reads them again gets NaN.
    package func loss(
        _ function: LossFunction, outputs: Matrix, targets: LossTargets, weights: Matrix?, scale: Float,
        gradient: Operand?, losses: Matrix, hits: Matrix?
    ) {
        precondition(
            outputs.columns > 0 && losses.count >= outputs.rows && (hits == nil || hits!.count >= outputs.rows)
                && (gradient == nil || gradient!.shape == outputs.shape)
                && (weights == nil || weights!.count == outputs.rows),
            "loss of \(outputs.shape) with \(weights?.count ?? outputs.rows) weights into \(losses.shape), "
                + "gradient \(gradient?.shape ?? []), hits \(hits?.shape ?? [])")
        let target = Self.reader(of: targets, for: outputs)
        let (x, to) = (ReferenceNumbers(outputs), ReferenceNumbers(losses))
        let (d, right) = (gradient.map { ReferenceNumbers($0) }, hits.map { ReferenceNumbers($0) })
        let weights = weights.map { ReferenceNumbers($0).all }
        for row in 0..<x.rows {
            let weight = weights?[row] ?? 1
            guard weight != 0 else {
                to[row] = 0
                right?[row] = 0
                if let d { for column in 0..<d.columns { d[row, column] = 0 } }
                continue
            }
            let (outputs, targets) = (x.row(row), target(row))
            let (loss, derivatives) = function.loss(outputs, targets)
            to[row] = weight * loss
            right?[row] = function.isRight(outputs, targets) ? 1 : 0
            guard let d else { continue }
            for column in 0..<x.columns {
                x[row, column] = .nan
                d[row, column] = Double(scale) * weight * derivatives[column]
            }
        }
    }

    /// A function that gives the targets of a row.
    private static func reader(of targets: LossTargets, for outputs: Matrix) -> (Int) -> [Double] {
        switch targets {
        case .classes(let classes):
            precondition(
                classes.count == outputs.rows && classes.limit <= outputs.columns,
                "\(classes.count) classes below \(classes.limit) for outputs \(outputs.shape)")
            let integers = classes.integers
            return { row in (0..<outputs.columns).map { $0 == integers[row] ? 1 : 0 } }
        case .values(let values):
            precondition(values.shape == outputs.shape, "targets \(values.shape) for outputs \(outputs.shape)")
            return ReferenceNumbers(values).row
        }
    }

    package func sum(_ matrix: Matrix, into scalars: Scalars, at index: Int) {
        scalars[index] = ReferenceNumbers(matrix).all.reduce(0, +)
    }

    package func sumOfSquares(_ matrices: [Matrix], into scalars: Scalars, at index: Int) {
        scalars[index] = matrices.flatMap { ReferenceNumbers($0).all }.reduce(0) { $0 + $1 * $1 }
    }
}

extension LossFunction {
    /// The loss of a row and its derivatives by the outputs `x`, for the targets `y`.
    fileprivate func loss(_ x: [Double], _ y: [Double]) -> (loss: Double, derivatives: [Double]) {
        let columns = x.indices, count = Double(x.count)
        switch self {
        case .softmaxCrossEntropy:
            let weights = ReferenceBackend.softmaxWeights(x), sum = weights.reduce(0, +), total = y.reduce(0, +)
            let largest = x.max()!
            // −log softmax(x) = largest − x + log(sum).
            let loss = columns.reduce(total * log(sum)) { y[$1] == 0 ? $0 : $0 + y[$1] * (largest - x[$1]) }
            return (loss, columns.map { total * weights[$0] / sum - y[$0] })
        case .sigmoidCrossEntropy:
            let losses = columns.map { max(x[$0], 0) - x[$0] * y[$0] + log1p(exp(-abs(x[$0]))) }
            return (losses.reduce(0, +) / count, columns.map { (Activation.sigmoid.value(of: x[$0]) - y[$0]) / count })
        case .squaredError:
            let differences = columns.map { x[$0] - y[$0] }
            return (differences.reduce(0) { $0 + $1 * $1 } / count, differences.map { 2 * $0 / count })
        }
    }

    /// Whether the outputs `x` are a right prediction of the targets `y`.
    fileprivate func isRight(_ x: [Double], _ y: [Double]) -> Bool {
        switch self {
        case .softmaxCrossEntropy:
            !x.contains(where: \.isNaN) && x.firstIndex(of: x.max()!) == y.firstIndex(of: y.max()!)
        case .sigmoidCrossEntropy: zip(x, y).allSatisfy { ($0 > 0) == ($1 > 0.5) }
        case .squaredError: false
        }
    }
}
