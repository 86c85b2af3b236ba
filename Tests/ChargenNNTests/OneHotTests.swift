import ChargenDevice
import ChargenNN
import ChargenTensor
import ChargenTestSupport
import Testing

/// One-hot rows that are never stored, against the same layers on stored rows; N, T, V, H = 3, 7, 5, 6.
@Suite struct OneHotTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let layers: [any Layer]
        var drops = false
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "LSTM", layers: [LSTM(units: 6, returnSequences: true, returnState: true)]),
        Case(name: "LSTM, last output", layers: [LSTM(units: 6, returnState: true)]),
        Case(name: "LSTM without biases", layers: [LSTM(units: 6, useBias: false, returnSequences: true)]),
        Case(name: "GRU", layers: [GRU(units: 6, returnSequences: true, returnState: true)]),
        Case(
            name: "GRU, reset before", layers: [GRU(units: 6, resetAfter: false, returnSequences: true, returnState: true)]),
        Case(name: "SimpleRNN", layers: [SimpleRNN(units: 6, returnSequences: true, returnState: true)]),
        Case(name: "MultiplicativeLSTM", layers: [MultiplicativeLSTM(units: 6, returnSequences: true, returnState: true)]),
        Case(name: "LSTM, normalized", layers: [LSTM(units: 6, layerNorm: true, returnSequences: true)]),
        Case(name: "LSTM backwards", layers: [LSTM(units: 6, returnSequences: true, goBackwards: true)]),
        Case(name: "Bidirectional GRU", layers: [Bidirectional(GRU(units: 6, returnSequences: true, returnState: true))]),
        Case(name: "Bidirectional LSTM, mul", layers: [Bidirectional(LSTM(units: 6), mergeMode: .multiply)]),
        Case(name: "Dense", layers: [Dense(units: 6, activation: .tanh)]),
        Case(name: "Dense, LSTM", layers: [Dense(units: 4), LSTM(units: 6)]),
        Case(name: "Activation, GRU", layers: [Activation.sigmoid, GRU(units: 6)]),
        Case(name: "LSTM that drops inputs", layers: [LSTM(units: 6, returnSequences: true, dropout: 0.3)], drops: true),
        Case(
            name: "GRU that drops inputs and states", layers: [GRU(units: 6, dropout: 0.3, recurrentDropout: 0.4)],
            drops: true),
        Case(name: "Bidirectional that drops", layers: [Bidirectional(LSTM(units: 6, dropout: 0.3))], drops: true),
        Case(name: "Dropout, SimpleRNN", layers: [Dropout(rate: 0.3), SimpleRNN(units: 6)], drops: true),
    ]

    private static let tokens: [[Int32]] = [[1, 0, 4, 4, 2, 1, 0], [2, 2, 2, 0, 1, 4, 1], [0, 1, 0, 4, 4, 2, 2]]

    /// `columns` is 5, less than the tokens of a batch, or 40, more.
    @Test(arguments: cases, [5, 40]) func isTheSameOnStoredRows(_ c: Case, _ columns: Int) throws {
        let model = try Sequential([OneHot(size: columns)] + c.layers, seed: 3, device: .cpu(threads: 2))
        let stored = try Sequential(c.layers, inputSize: columns, seed: 3, device: .cpu(threads: 2))
        try model.randomizeWeights(seed: 5)
        try stored.setWeights(model.weights.map(\.tensor))
        let rows = LayerInput.values(.rows(of: .identity(columns), Self.tokens))
        // Both models draw the same dropouts in their first call with training.
        let found = try model.pass(.tokens(Self.tokens), training: c.drops)
        let expected = try stored.pass(rows, training: c.drops)
        #expect(found.output.shape == expected.output.shape)
        expectClose(found.output.values, expected.output.values, absolute: 1e-6, "output")
        for (state, other) in zip(found.states.flatMap(\.tensors), expected.states.flatMap(\.tensors)) {
            expectClose(state.values, other.values, absolute: 1e-6, "state")
        }
        #expect(found.inputGradient == nil)
        for (index, gradient) in found.weightGradients.enumerated() {
            let name = model.weights[index].name
            expectClose(
                gradient.values, expected.weightGradients[index].values, absolute: 2e-6, relative: 1e-5, name)
            #expect(gradient.values.contains { abs($0) > 1e-2 }, "\(name)")
        }
        for (gradient, other) in zip(found.stateGradients, expected.stateGradients) {
            expectClose(gradient.hidden.values, other.hidden.values, absolute: 1e-5, "initial state's gradient")
        }
        if c.drops {
            #expect(try model(.tokens(Self.tokens)).output != found.output)
        }
    }

    @Test(arguments: [Int32(5), -1]) func tokensOutOfRange(_ token: Int32) throws {
        for layer: any Layer in [LSTM(units: 6), Dense(units: 3)] {
            let model = try Sequential([OneHot(size: 5), layer])
            #expect(throws: LayerError.unknownToken(token, sequence: 1, step: 2, allowed: 0..<5)) {
                try model(.tokens([[1, 2, 4], [0, 3, token]]))
            }
        }
    }

    @Test func readsTokensOnly() throws {
        #expect(throws: LayerError.mismatched("one_hot takes token ids, not numbers; it must be the first layer")) {
            try Sequential([Dense(units: 3), OneHot(size: 5)], inputSize: 4)
        }
        #expect(throws: LayerError.self) { try Sequential([OneHot(size: 5), OneHot(size: 5)]) }
        #expect(throws: LayerError.self) { try Sequential([OneHot(size: 0), LSTM(units: 2)]) }
        let model = try Sequential([OneHot(size: 5), GRU(units: 3)])
        #expect(throws: LayerError.wrongInput(expected: "token ids", found: "numbers")) {
            try model(.values(Tensor(zeros: [2, 3, 5])))
        }
    }
}
