import ChargenDevice
import ChargenNN
import ChargenTensor
import ChargenTestSupport
import Testing

/// Models whose products read bfloat16, against the same models in float32.
@Suite struct PrecisionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let layers: [any Layer]
        var inputSize: Int?
        var drops = false
        var testDescription: String { name }
    }

    static let cases: [Case] = {
        let words = Embedding(inputDim: 11, outputDim: 7, embeddingsInitializer: .randomNormal(standardDeviation: 1))
        let activations = Activation.allCases.filter { $0 != .softmax }
        let merged = Bidirectional.MergeMode.allCases.map { mode in
            Case(
                name: "Embedding, Bidirectional \(mode), Dense",
                layers: [words, Bidirectional(LSTM(units: 9, returnSequences: true), mergeMode: mode), Dense(units: 5)])
        }
        let recurrent = activations.flatMap { activation in
            [
                Case(
                    name: "two LSTM of \(activation)",
                    layers: [
                        words, LSTM(units: 9, activation: activation, returnSequences: true),
                        LSTM(units: 13, activation: activation, returnState: true),
                    ]),
                Case(
                    name: "GRU of \(activation), two kinds",
                    layers: [
                        words, GRU(units: 9, activation: activation, returnSequences: true),
                        GRU(units: 13, activation: activation, resetAfter: false, returnState: true),
                    ]),
                Case(
                    name: "two SimpleRNN of \(activation)",
                    layers: [
                        words, SimpleRNN(units: 9, activation: activation, returnSequences: true),
                        SimpleRNN(units: 13, activation: activation, returnSequences: true),
                    ]),
                Case(
                    name: "MultiplicativeLSTM of \(activation)",
                    layers: [
                        words, MultiplicativeLSTM(units: 9, activation: activation, returnSequences: true),
                        MultiplicativeLSTM(units: 13, activation: activation, layerNorm: true, returnState: true),
                    ]),
                Case(
                    name: "normalized LSTM and GRU of \(activation)",
                    layers: [
                        words, LSTM(units: 9, activation: activation, layerNorm: true, returnSequences: true),
                        GRU(units: 13, activation: activation, layerNorm: true, returnState: true),
                    ]),
                Case(
                    name: "gates and dense layer of \(activation)",
                    layers: [
                        GRU(units: 17, recurrentActivation: activation, returnSequences: true),
                        LSTM(units: 9, recurrentActivation: activation), Dense(units: 7, activation: activation),
                        Dense(units: 3),
                    ], inputSize: 5),
            ]
        }
        return merged + recurrent + [
            Case(
                name: "Activation layers",
                layers: [
                    words, Activation.tanh, GRU(units: 9, returnSequences: true), Activation.sigmoid, Dense(units: 5),
                    Activation.softmax,
                ]),
            Case(
                name: "dropouts",
                layers: [
                    words, Dropout(rate: 0.3), LSTM(units: 9, returnSequences: true, dropout: 0.2, recurrentDropout: 0.2),
                    Dropout(rate: 0.2), Dense(units: 5, activation: .softmax),
                ], drops: true),
            Case(name: "one-hot", layers: [OneHot(size: 11), LSTM(units: 33, returnSequences: true)]),
            Case(name: "a wide model", layers: [GRU(units: 65, returnSequences: true), LSTM(units: 33)], inputSize: 31),
        ]
    }()

    private func model(_ c: Case, _ precision: Precision) throws -> Sequential {
        let model = try Sequential(c.layers, inputSize: c.inputSize, seed: 3, precision: precision, device: .cpu(threads: 2))
        try model.randomizeWeights(seed: 5, size: 0.4)
        return model
    }

    /// N, T = 3, 4.
    private func input(_ c: Case) -> LayerInput {
        if let size = c.inputSize { return .values(.random([3, 4, size], seed: 8)) }
        return .tokens((0..<12).map { Int32($0 * 7 % 11) }, count: 3)
    }

    /// Products of bfloat16 have 8 bits, of which several roundings follow one another here.
    @Test(arguments: cases) func bfloat16IsNear(_ c: Case) throws {
        let exact = try model(c, .float32).pass(input(c), training: c.drops)
        let model = try model(c, .bfloat16), rounded = try model.pass(input(c), training: c.drops)
        func check(_ found: Tensor, _ expected: Tensor, _ what: String) {
            #expect(found.shape == expected.shape)
            let distance = relativeDistance(found.values, expected.values)
            #expect(distance < 0.03, "\(what): \(distance)")
        }
        #expect(rounded.output != exact.output)
        check(rounded.output, exact.output, "output")
        for (state, other) in zip(rounded.states.flatMap(\.tensors), exact.states.flatMap(\.tensors)) {
            check(state, other, "state")
        }
        if let gradient = rounded.inputGradient { check(gradient, exact.inputGradient!, "input's gradient") }
        for (index, gradient) in rounded.weightGradients.enumerated() {
            check(gradient, exact.weightGradients[index], model.weights[index].name)
        }
    }

    /// The loss's own gradient is rounded too where a recurrent layer is the output.
    @Test(arguments: [OperandPrecision.float32, .bfloat16], [3, 16, 17, 48])
    func aRecurrentLayerAsTheOutput(_ precision: OperandPrecision, _ units: Int) throws {
        for layer: any Layer in [
            GRU(units: units, returnSequences: true), LSTM(units: units), Bidirectional(SimpleRNN(units: units)),
        ] {
            let model = try Sequential([layer], inputSize: 5, device: .cpu(threads: 2))
            try model.randomizeWeights(seed: 5, size: 0.4)
            let input = LayerInput.values(.random([3, 4, 5], seed: 8))
            let output = try model(input).output
            let targets = Tensor.random(output.shape, seed: 9), size = Float(output.values.count)
            // The derivative of the mean square, by hand.
            let gradient = Tensor(
                shape: output.shape, values: zip(output.values, targets.values).map { 2 * ($0 - $1) / size })
            let expected = try model.gradients(outputGradient: gradient).weights.flatMap(\.tensor.values)

            let result = try model.forward(model.signal(of: input), gradients: true, precision: precision)
            let rows = output.shape.count == 3 ? targets.swapped : targets, columns = output.shape.last!
            let (loss, back) = try model.loss(
                .meanSquaredError, of: result,
                Loss.meanSquaredError.targets(
                    rows, rows: rows.values.count / columns, columns: columns, on: model.backend),
                countsRight: false, gradient: true)
            model.backward(back)
            let mean = zip(output.values, targets.values).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
            let isExact = precision == .float32
            #expect(abs(loss.totals.loss / (mean / Double(size)) - 1) < (isExact ? 1e-5 : 0.02))
            let distance = relativeDistance(model.weightGradients.flatMap { $0 }, expected)
            #expect(distance < (isExact ? 1e-5 : 0.03), "\(layer): \(distance)")
        }
    }
}
