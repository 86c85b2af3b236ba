import ChargenTensor
import Foundation

// Activations, dropout, sums over rows, and arithmetic of whole matrices.

extension ReferenceBackend {
    package func activate(_ activation: Activation, _ values: Matrix) {
        let numbers = ReferenceNumbers(values)
        guard activation == .softmax else {
            for index in 0..<numbers.count { numbers[index] = activation.value(of: numbers[index]) }
            return
        }
        for row in 0..<numbers.rows {
            let weights = Self.softmaxWeights(numbers.row(row)), sum = weights.reduce(0, +)
            for column in 0..<numbers.columns { numbers[row, column] = weights[column] / sum }
        }
    }

    package func differentiate(_ activation: Activation, values: Matrix, gradient: Matrix) {
        precondition(values.shape == gradient.shape, "gradient \(gradient.shape) of values \(values.shape)")
        let (y, d) = (ReferenceNumbers(values), ReferenceNumbers(gradient))
        guard activation == .softmax else {
            for index in 0..<d.count { d[index] *= activation.derivative(atValue: y[index]) }
            return
        }
        for row in 0..<d.rows {
            let sum = zip(y.row(row), d.row(row)).reduce(0) { $0 + $1.0 * $1.1 }
            for column in 0..<d.columns { d[row, column] = y[row, column] * (d[row, column] - sum) }
        }
    }

    /// `exp(x − largest)`: all NaN if the largest is not finite.
    static func softmaxWeights(_ logits: [Double]) -> [Double] {
        let largest = logits.max() ?? 0
        return logits.map { exp($0 - largest) }
    }

    package func dropout(_ draw: DropoutDraw, _ values: Operand, period: Int, into result: Operand) {
        precondition(
            values.shape == result.shape && values.precision == result.precision && period > 0,
            "dropout of \(values.shape), \(values.precision) into \(result.shape), \(result.precision)")
        let (from, to) = (ReferenceNumbers(values), ReferenceNumbers(result))
        for row in 0..<to.rows {
            for column in 0..<to.columns {
                let bits = draw.bits(at: row % period * to.columns + column)
                to[row, column] = bits >= draw.threshold ? from[row, column] * Double(draw.scale) : 0
            }
        }
    }

    package func scatter(_ rows: Operand, tokens: Indices, into table: Matrix) {
        precondition(
            rows.columns == table.columns && tokens.count == rows.rows && tokens.limit <= table.rows,
            "\(rows.shape) scattered by \(tokens.count) tokens below \(tokens.limit) into \(table.shape)")
        fill(table, with: 0)
        let (from, to) = (ReferenceNumbers(rows), ReferenceNumbers(table))
        for (row, token) in tokens.integers.enumerated() {
            for column in 0..<to.columns { to[token, column] += from[row, column] }
        }
    }

    package func columnSums(_ matrix: Operand, into sums: Matrix) {
        precondition(sums.count == matrix.columns, "column sums of \(matrix.shape) into \(sums.shape)")
        let (from, to) = (ReferenceNumbers(matrix), ReferenceNumbers(sums))
        for column in 0..<from.columns { to[column] = (0..<from.rows).reduce(0) { $0 + from[$1, column] } }
    }

    package func columnSums(ofProducts left: Operand, _ right: Operand, into sums: Matrix) {
        precondition(
            left.shape == right.shape && left.precision == right.precision && sums.count == left.columns,
            "column sums of \(left.shape), \(left.precision) times \(right.shape), \(right.precision) into \(sums.shape)")
        let (x, y, to) = (ReferenceNumbers(left), ReferenceNumbers(right), ReferenceNumbers(sums))
        for column in 0..<x.columns { to[column] = (0..<x.rows).reduce(0) { $0 + x[$1, column] * y[$1, column] } }
    }

    package func addScaled(_ alpha: Float, _ x: Matrix, to y: Matrix) {
        precondition(x.count == y.count, "\(x.shape) added to \(y.shape)")
        let (from, to) = (ReferenceNumbers(x), ReferenceNumbers(y))
        for index in 0..<to.count { to[index] += Double(alpha) * from[index] }
    }

    package func multiply(_ y: Matrix, by x: Matrix) {
        precondition(x.count == y.count, "\(y.shape) times \(x.shape)")
        let (from, to) = (ReferenceNumbers(x), ReferenceNumbers(y))
        for index in 0..<to.count { to[index] *= from[index] }
    }
}

extension Activation {
    /// The activation of one number. Traps for softmax.
    func value(of x: Double) -> Double {
        switch self {
        case .linear: x
        case .sigmoid: 1 / (1 + exp(-x))
        case .hardSigmoid: x < -3 ? 0 : x > 3 ? 1 : x / 6 + 0.5
        case .tanh: Foundation.tanh(x)
        case .relu: x < 0 ? 0 : x
        case .softmax: preconditionFailure("softmax is no function of one number")
        }
    }

    /// The derivative where the activation's value is `y`. Traps for softmax.
    func derivative(atValue y: Double) -> Double {
        switch self {
        case .linear: 1
        case .sigmoid: y * (1 - y)
        case .hardSigmoid: y > 0 && y < 1 ? 1.0 / 6 : 0
        case .tanh: 1 - y * y
        case .relu: y > 0 ? 1 : 0
        case .softmax: preconditionFailure("softmax is no function of one number")
        }
    }
}

extension DropoutDraw {
    /// The 32 random bits of number `index`: a hash of the index and the seed.
    fileprivate func bits(at index: Int) -> UInt32 {
        let first = UInt32(truncatingIfNeeded: index) &+ UInt32(truncatingIfNeeded: seed)
        return Self.mixed(Self.mixed(first) ^ UInt32(seed >> 32))
    }

    /// The finalizer of MurmurHash3.
    private static func mixed(_ bits: UInt32) -> UInt32 {
        var x = bits
        x = (x ^ (x >> 16)) &* 0x85EB_CA6B
        x = (x ^ (x >> 13)) &* 0xC2B2_AE35
        return x ^ (x >> 16)
    }
}
