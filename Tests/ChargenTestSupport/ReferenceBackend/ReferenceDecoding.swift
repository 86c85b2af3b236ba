import ChargenTensor
import Foundation

extension ReferenceBackend {
    /// Keeps the weights in float32, whatever the precision.
    package func makeDecodingWeights(_ model: DecodingModel, precision: StreamPrecision) -> any DecodingWeights {
        ReferenceDecodingWeights(model)
    }

    package func makeStreams(_ weights: any DecodingWeights, capacity: Int) -> any DecodingStreams {
        guard let weights = weights as? ReferenceDecodingWeights else {
            preconditionFailure("\(type(of: weights)) are not weights of this backend")
        }
        return ReferenceStreams(weights, capacity: capacity)
    }

    package func softmaxWeights(of logits: inout [Float]) -> Float {
        logits = Self.softmaxWeights(logits.map(Double.init)).map { Float($0) }
        return logits.reduce(0, +)
    }

    package func draw(from weights: [Float], below target: Double) -> Int {
        var sum = 0.0
        for (index, weight) in weights.enumerated() {
            sum += Double(weight)
            if sum > target { return index }
        }
        return weights.lastIndex { $0 != 0 } ?? 0
    }
}

/// Copies of a model's weights.
final class ReferenceDecodingWeights: DecodingWeights {
    struct Layer: Sendable {
        let kernel, recurrent, bias: [Double]
        let recurrentBias, second: [Double]?
        let norm: (gain: [Double], epsilon: Double)?
    }

    let shape: DecodingShape
    let layers: [Layer]
    let output, outputBias: [Double]

    init(_ model: DecodingModel) {
        func numbers(_ matrix: Matrix) -> [Double] { ReferenceNumbers(matrix).all }
        shape = model.shape
        layers = model.layers.map {
            Layer(
                kernel: numbers($0.kernel), recurrent: numbers($0.recurrent), bias: numbers($0.bias),
                recurrentBias: $0.recurrentBias.map(numbers), second: $0.second.map(numbers),
                norm: $0.norm.map { (numbers($0.gain), Double($0.epsilon)) })
        }
        (output, outputBias) = (numbers(model.output), numbers(model.outputBias))
    }
}

/// The states of streams.
private final class ReferenceStreams: DecodingStreams {
    /// One stream: states and cell states `[L][H]`, and logits `[V]`.
    private struct Row {
        var hidden: [[Float]]
        var cell: [[Float]]
        var logits: [Float]
    }

    private let weights: ReferenceDecodingWeights
    private var rows: [Row]
    private let cell = ReferenceCell(a: .tanh, s: .sigmoid)

    init(_ weights: ReferenceDecodingWeights, capacity: Int) {
        precondition(capacity > 0, "\(capacity) streams")
        self.weights = weights
        let shape = weights.shape
        let zeros = [[Float]](repeating: [Float](repeating: 0, count: shape.units), count: shape.layers)
        let row = Row(
            hidden: zeros, cell: shape.kind.hasCellState ? zeros : [],
            logits: [Float](repeating: 0, count: shape.vocabulary))
        rows = [Row](repeating: row, count: capacity)
    }

    var shape: DecodingShape { weights.shape }
    var capacity: Int { rows.count }

    func step(_ tokens: [Int32], computesLogits: Bool) {
        precondition(tokens.count <= capacity, "\(tokens.count) tokens for \(capacity) streams")
        for (row, token) in tokens.enumerated() {
            precondition(token >= 0 && Int(token) < shape.vocabulary, "token \(token) of \(shape)")
            for layer in 0..<shape.layers { advance(&rows[row], layer, token: Int(token)) }
            guard computesLogits else { continue }
            let outputs = rows[row].hidden.last!.map(Double.init)
            let products = ReferenceBackend.product(outputs, weights.output, columns: shape.vocabulary)
            rows[row].logits = zip(products, weights.outputBias).map { Float($0 + $1) }
        }
    }

    /// Computes the states of a layer; those of the layers below are already computed.
    private func advance(_ row: inout Row, _ index: Int, token: Int) {
        let (layer, kind, H) = (weights.layers[index], shape.kind, shape.units), width = kind.inputs * H
        var inputs = Array(layer.kernel[(index == 0 ? token : 0) * width..<(index == 0 ? token + 1 : 1) * width])
        if index > 0 {
            inputs = ReferenceBackend.product(row.hidden[index - 1].map(Double.init), layer.kernel, columns: width)
        }
        let hidden = row.hidden[index].map(Double.init), x = zip(inputs, layer.bias).map(+).byUnit(H)
        var left = hidden
        if let second = layer.second {
            let product = ReferenceBackend.product(hidden, second, columns: H)
            left = (0..<H).map { cell.intermediate(x[$0], product: product[$0]) }
        }
        var product = ReferenceBackend.product(left, layer.recurrent, columns: kind.gates * H)
        if let norm = layer.norm {
            product = zip(LayerNormalization(product, epsilon: norm.epsilon).values, norm.gain).map(*)
        }
        if let bias = layer.recurrentBias { product = zip(product, bias).map(+) }
        let p = product.byUnit(H)
        for unit in 0..<H {
            switch kind.formula {
            case .lstm, .multiplicativeLSTM:
                let step = cell.lstm(x[unit], p[unit], cell: Double(row.cell[index][unit]))
                row.cell[index][unit] = Float(step.cell)
                row.hidden[index][unit] = Float(step.hidden)
            case .gru:
                let step = cell.gru(x[unit], p[unit], hidden: Double(row.hidden[index][unit]))
                row.hidden[index][unit] = Float(step.hidden)
            case .simpleRNN: row.hidden[index][unit] = Float(cell.simpleRNN(x[unit], p[unit]))
            case .gruResetBefore: preconditionFailure("no model of tokens has a \(kind)")
            }
        }
    }

    func state(ofRow row: Int) -> [Float] { (rows[row].hidden + rows[row].cell).flatMap { $0 } }

    func copyLogits(ofRow row: Int, to logits: inout [Float]) { logits = rows[row].logits }

    func set(row: Int, state: [Float], logits: [Float]?) {
        precondition(state.count == shape.stateCount, "a state of \(state.count) numbers for \(shape)")
        let (H, L) = (shape.units, shape.layers)
        let parts = (0..<state.count / H).map { Array(state[$0 * H..<($0 + 1) * H]) }
        (rows[row].hidden, rows[row].cell) = (Array(parts[..<L]), Array(parts[L...]))
        if let logits {
            precondition(logits.count == shape.vocabulary, "\(logits.count) logits for \(shape)")
            rows[row].logits = logits
        }
    }

    func swapRows(_ first: Int, _ second: Int) { rows.swapAt(first, second) }

    func forEachRow(_ count: Int, _ body: @Sendable (Int, inout [Float]) -> Void) {
        precondition(count <= capacity, "\(count) rows of \(capacity)")
        for row in 0..<count {
            var logits = rows[row].logits
            body(row, &logits)
        }
    }
}
