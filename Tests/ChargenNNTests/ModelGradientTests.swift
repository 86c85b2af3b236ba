import ChargenDevice
import ChargenNN
import ChargenTensor
import ChargenTestSupport
import Testing

/// The gradients of whole models against finite differences, with masks and with the same dropouts in every pass;
/// N, T, D, H = 3, 4, 5, 6.
@Suite struct ModelGradientTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let layers: [any Layer]
        var testDescription: String { name }
    }

    static let cases: [Case] = {
        let words = Embedding(inputDim: 7, outputDim: 5, maskZero: true)
        let merged = Bidirectional.MergeMode.allCases.map { mode in
            Case(
                name: "Bidirectional \(mode) that drops",
                layers: [
                    words, Bidirectional(GRU(units: 6, returnSequences: true, dropout: 0.3), mergeMode: mode),
                    LSTM(units: 4),
                ])
        }
        return merged + [
            Case(name: "Bidirectional, last output", layers: [words, Bidirectional(LSTM(units: 6), mergeMode: .multiply)]),
            Case(name: "Dropout first", layers: [words, Dropout(rate: 0.3), GRU(units: 6, returnSequences: true)]),
            Case(
                name: "Dropout between",
                layers: [
                    words, SimpleRNN(units: 6, returnSequences: true), Dropout(rate: 0.3), LSTM(units: 4),
                    Dropout(rate: 0.2), Dense(units: 2, activation: .sigmoid),
                ]),
            Case(
                name: "LSTM backwards that drops inputs and states",
                layers: [
                    words, LSTM(units: 6, returnSequences: true, goBackwards: true, dropout: 0.3, recurrentDropout: 0.4),
                    GRU(units: 4, resetAfter: false, dropout: 0.2),
                ]),
            Case(
                name: "OneHot, LSTM that drops inputs",
                layers: [OneHot(size: 7), LSTM(units: 6, dropout: 0.3), Dense(units: 2, activation: .softmax)]),
            Case(
                name: "Bidirectional MultiplicativeLSTM, normalized GRU",
                layers: [
                    words,
                    Bidirectional(
                        MultiplicativeLSTM(units: 6, layerNorm: true, returnSequences: true, dropout: 0.3, recurrentDropout: 0.4)),
                    GRU(units: 4, layerNorm: true),
                ]),
            Case(
                name: "OneHot, MultiplicativeLSTM, normalized LSTM that drops states",
                layers: [
                    OneHot(size: 7), MultiplicativeLSTM(units: 6, returnSequences: true, recurrentDropout: 0.4),
                    LSTM(units: 4, layerNorm: true, recurrentDropout: 0.2),
                ]),
            Case(
                name: "OneHot, Dense",
                layers: [OneHot(size: 7), Dense(units: 5, activation: .tanh), GRU(units: 6, returnSequences: true)]),
            Case(
                name: "Embedding, Dense, Activation",
                layers: [words, Dense(units: 6), Activation.sigmoid, SimpleRNN(units: 4, returnSequences: true)]),
        ]
    }()

    @Test(arguments: cases) func finiteDifferences(_ c: Case) throws {
        let model = try Sequential(c.layers, device: .cpu(threads: 1))
        try model.randomizeWeights(seed: 5, size: 0.8)
        let signal = try model.signal(of: .tokens([[3, 0, 1, 3], [6, 6, 2, 0], [4, 1, 5, 6]]))
        var factors: [Float] = []
        /// The sum of the outputs, each times a number of its own.
        func value() throws -> (sum: Double, rows: [Int]) {
            let output = try model.forward(signal, gradients: true, random: RandomSource(seed: 12)).matrix(ReusedMemory(), on: model.backend)
            factors = Tensor.random(output.shape, seed: 9).values
            return (zip(output.values, factors).reduce(0) { $0 + Double($1.0) * Double($1.1) }, output.shape)
        }
        let gradient = Matrix(rows: try value().rows[0], columns: model.built.last!.output.width!)
        gradient.assign(factors)
        model.backward(SignalGradient(rows: Operand(gradient)))
        let found = model.weightGradients, weights = model.weights, step: Float = 2e-2
        for index in weights.indices {
            let values = weights[index].tensor.values
            let expected = try values.indices.map { place in
                func at(_ change: Float) throws -> Double {
                    var tensors = weights.map(\.tensor)
                    tensors[index].values[place] += change
                    try model.setWeights(tensors)
                    return try value().sum
                }
                // Of four points: the error is of the fourth order.
                let near = try at(step) - at(-step), far = try at(2 * step) - at(-2 * step)
                return Float((8 * near - far) / Double(12 * step))
            }
            expectClose(found[index], expected, absolute: 5e-4, relative: 2e-3, weights[index].name)
            #expect(found[index].contains { abs($0) > 1e-2 }, "\(weights[index].name)")
        }
    }
}
