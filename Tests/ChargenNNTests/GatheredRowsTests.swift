import ChargenDevice
import ChargenNN
import ChargenTensor
import ChargenTestSupport
import Testing

/// An embedding's rows, each distinct one given once, against the same rows looked up by hand; N, T, D, H = 3, 7, 4, 6.
@Suite struct GatheredRowsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let layers: [any Layer]
        var isMasked = false
        var drops = false
        var testDescription: String { name }
    }

    static let cases: [Case] = {
        let recurrent: [(String, any RecurrentLayer)] = [
            ("LSTM", LSTM(units: 6, returnSequences: true, returnState: true)),
            ("GRU", GRU(units: 6, returnState: true)),
            ("GRU, reset before", GRU(units: 6, resetAfter: false, returnSequences: true)),
            (
                "MultiplicativeLSTM, normalized",
                MultiplicativeLSTM(units: 6, layerNorm: true, returnSequences: true, returnState: true)
            ),
            ("SimpleRNN without bias", SimpleRNN(units: 6, useBias: false, returnSequences: true, returnState: true)),
        ]
        func changed(_ layer: any RecurrentLayer, _ change: (inout RecurrentOptions) -> Void) -> any RecurrentLayer {
            var layer = layer
            change(&layer.options)
            return layer
        }
        let each = recurrent.flatMap { name, layer in
            [
                Case(name: name, layers: [layer]),
                Case(name: "\(name), masked", layers: [layer], isMasked: true),
                Case(name: "\(name) backwards, masked", layers: [changed(layer) { $0.goBackwards = true }], isMasked: true),
                Case(name: "Bidirectional \(name)", layers: [Bidirectional(layer)]),
                Case(name: "Bidirectional \(name), mul, masked", layers: [Bidirectional(layer, mergeMode: .multiply)],
                    isMasked: true),
                Case(name: "\(name) that drops inputs", layers: [changed(layer) { $0.dropout = 0.3 }], drops: true),
                Case(
                    name: "\(name) backwards that drops inputs and states",
                    layers: [
                        changed(layer) {
                            $0.goBackwards = true
                            $0.dropout = 0.3
                            $0.recurrentDropout = 0.4
                        }
                    ], isMasked: true, drops: true),
                Case(
                    name: "Bidirectional \(name) that drops in one direction",
                    layers: [
                        Bidirectional(
                            layer,
                            backwardLayer: changed(layer) {
                                $0.goBackwards = true
                                $0.dropout = 0.3
                            })
                    ], drops: true),
                Case(name: "Dropout, \(name)", layers: [Dropout(rate: 0.3), layer], isMasked: true, drops: true),
            ]
        }
        return each + [
            Case(name: "Dense", layers: [Dense(units: 6, activation: .sigmoid)]),
            Case(name: "Activation, LSTM", layers: [Activation.tanh, LSTM(units: 6)]),
            Case(name: "Dense, Bidirectional", layers: [Dense(units: 5), Bidirectional(GRU(units: 6))], isMasked: true),
            // An output as wide as the input: the gradient of one may lie where that of the other did.
            Case(name: "LSTM of 4 units", layers: [LSTM(units: 4, returnSequences: true)]),
            Case(name: "Bidirectional of 4 units, ave", layers: [Bidirectional(LSTM(units: 4), mergeMode: .average)]),
        ]
    }()

    /// With 5 tokens most occur several times; with 50 each occurs once.
    @Test(arguments: cases, [5, 50]) func isTheSameOnStoredRows(_ c: Case, _ vocabulary: Int) throws {
        let (N, T, D) = (3, 7, 4)
        let tokens: [[Int32]] = (0..<N).map { n in
            (0..<T).map { t in
                // Sequences of 5, 7 and 4 steps, one with a masked step in the middle.
                if c.isMasked && (t >= [5, 7, 4][n] || n == 1 && t == 3) { return 0 }
                return vocabulary == 5 ? Int32((t * (n + 2) + n) % 4 + 1) : Int32(1 + n * T + t)
            }
        }
        let model = try Sequential(
            [Embedding(inputDim: vocabulary, outputDim: D, maskZero: c.isMasked)] + c.layers, seed: 3, device: .cpu(threads: 2))
        let stored = try Sequential(c.layers, inputSize: D, seed: 3, device: .cpu(threads: 2))
        try model.randomizeWeights(seed: 5)
        let weights = model.weights.map(\.tensor), table = weights[0]
        try stored.setWeights(Array(weights.dropFirst()))
        let mask = c.isMasked ? tokens.map { $0.map { $0 != 0 } } : nil

        // Both models draw the same dropouts in their first call with training.
        let found = try model.pass(.tokens(tokens), training: c.drops)
        let expected = try stored.pass(.values(.rows(of: table, tokens)), mask: mask, training: c.drops)
        expectClose(found.output.values, expected.output.values, absolute: 1e-6, "output")
        for (state, other) in zip(found.states.flatMap(\.tensors), expected.states.flatMap(\.tensors)) {
            expectClose(state.values, other.values, absolute: 1e-6, "state")
        }
        for (index, gradient) in found.weightGradients.enumerated().dropFirst() {
            expectClose(
                gradient.values, expected.weightGradients[index - 1].values, absolute: 5e-6, relative: 1e-5,
                model.weights[index].name)
        }
        for (gradient, other) in zip(found.stateGradients, expected.stateGradients) {
            expectClose(gradient.hidden.values, other.hidden.values, absolute: 1e-5, "initial state's gradient")
        }
        // The gradient of a token's vector is the sum over the places where the token stands.
        var sums = [Float](repeating: 0, count: vocabulary * D)
        let rows = try #require(expected.inputGradient)
        for (place, token) in tokens.joined().enumerated() {
            for column in 0..<D { sums[Int(token) * D + column] += rows.values[place * D + column] }
        }
        expectClose(found.weightGradients[0].values, sums, absolute: 5e-6, relative: 1e-5, "table's gradient")
        #expect(sums.contains { abs($0) > 1e-2 })
        if c.drops { #expect(try model(.tokens(tokens)).output != found.output) }
    }
}
