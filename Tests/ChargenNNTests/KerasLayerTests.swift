import ChargenDevice
import ChargenNN
import ChargenCPU
import ChargenTensor
import ChargenTestSupport
import Testing

/// Layers against Keras: outputs, states and gradients of inputs, initial states and weights.
@Suite struct KerasLayerTests {
    private func model(_ golden: LayerGolden) throws -> Sequential {
        let input = golden.inputs![0]
        let model = try Sequential(
            [golden.layer.layer(merged: golden.bidirectional)], inputSize: input.shape.last, device: .cpu(threads: 2))
        try model.setWeights(golden.weights!.map(\.tensor))
        return model
    }

    private func input(_ golden: LayerGolden, _ numbers: Golden.Numbers) -> LayerInput {
        golden.layer.kind == "Embedding" || golden.layer.kind == "Sequential"
            ? .tokens(numbers.values.map { Int32($0) }, count: numbers.shape[0]) : .values(numbers.tensor)
    }

    @Test(arguments: LayerGolden.cases(of: "LSTM", "GRU", "SimpleRNN", "Dense", "Embedding"))
    func layer(_ golden: LayerGolden) throws {
        let model = try model(golden), mask = golden.mask.map { $0.map { $0.map { $0 != 0 } } }
        for (call, numbers) in golden.inputs!.enumerated() {
            let states = call == 0 ? golden.layer.states(golden.initialState ?? []) : []
            let result = try model(input(golden, numbers), initialStates: states, mask: mask)
            let expected = golden.outputs![call]
            #expect(result.output.shape == expected.shape)
            expectClose(result.output.values, expected.values, absolute: 1e-5, relative: 1e-5, "output of call \(call)")
            let found = result.states.flatMap(\.tensors)
            #expect(found.map(\.shape) == golden.states![call].map(\.shape))
            for (state, expected) in zip(found, golden.states![call]) {
                expectClose(state.values, expected.values, absolute: 1e-5, relative: 1e-5, "state of call \(call)")
            }
        }
        let gradients = try model.gradients(
            outputGradient: golden.outputGradient!.tensor, stateGradients: golden.layer.states(golden.stateGradients!))
        let expected = golden.gradients!
        if let input = expected.input {
            #expect(gradients.input?.shape == input.shape)
            expectClose(gradients.input!.values, input.values, absolute: 1e-5, relative: 1e-4, "input's gradient")
        }
        if let initial = expected.initialState {
            let found = gradients.initialStates.flatMap(\.tensors)
            #expect(found.map(\.shape) == initial.map(\.shape))
            for (gradient, expected) in zip(found, initial) {
                expectClose(gradient.values, expected.values, absolute: 1e-5, relative: 1e-4, "initial state's gradient")
            }
        }
        #expect(gradients.weights.map(\.tensor.shape) == expected.weights.map(\.shape))
        for ((name, gradient), expected) in zip(gradients.weights, expected.weights) {
            expectClose(gradient.values, expected.values, absolute: 1e-5, relative: 1e-4, name)
        }
    }

    @Test(arguments: LayerGolden.cases.filter { $0.initialBias != nil })
    func initialBias(_ golden: LayerGolden) throws {
        let model = try Sequential([golden.layer.layer()], inputSize: 3)
        #expect(model.weights.last?.tensor == golden.initialBias!.tensor)
    }

    /// Embedding with a mask, LSTM, bidirectional GRU, two dense layers, and the loss.
    @Test(arguments: LayerGolden.cases(of: "Sequential")) func wholeModel(_ golden: LayerGolden) throws {
        let model = try Sequential(golden.layer.layers!.map { $0.layer() })
        try model.setWeights(golden.weights!.map(\.tensor))
        let signal = try model.signal(of: input(golden, golden.inputs![0]))
        let output = try model(input(golden, golden.inputs![0])).output
        expectClose(output.values, golden.outputs![0].values, absolute: 1e-5, "output")
        let loss = Loss.categoricalCrossentropy, rows = output.shape[0]
        let result = try model.forward(signal, gradients: true, skipsActivation: true)
        let targets = try loss.targets(golden.labels!.tensor, rows: rows, columns: output.shape.last!, on: model.backend)
        let (found, gradient) = try model.loss(loss, of: result, targets, countsRight: true, gradient: true)
        #expect(abs(found.totals.loss - golden.loss!) < 1e-5)
        model.backward(gradient)
        let layout = model.built.flatMap(\.kerasWeights)
        #expect(layout.count == golden.gradients!.weights.count)
        for (weight, expected) in zip(layout, golden.gradients!.weights) {
            expectClose(weight.read(model.gradients), expected.values, absolute: 1e-6, relative: 1e-4, weight.name)
        }
    }

    /// Ours are losses of a softmax's outputs, so that their sum is one; Keras takes others too, and divides by the sum.
    /// They are computed from the pre-activations, with Keras's bounds for probabilities.
    @Test(arguments: LayerGolden.cases(of: "Loss").filter { !$0.name.contains("sums other than 1") })
    func loss(_ golden: LayerGolden) throws {
        let loss = try #require(Loss(rawValue: golden.layer.name!)), predictions = golden.predictions!
        let columns = predictions.shape.last!, rows = predictions.values.count / columns
        let outputs = Matrix(rows: rows, columns: columns), gradient = Matrix(rows: rows, columns: columns)
        outputs.assign(predictions.values.map { value in
            let p = Double(min(max(value, 1e-7), 1 - 1e-7))
            return switch loss.activation {
            case .softmax: Float(naturalLogarithm(p))
            case .sigmoid: Float(naturalLogarithm(p / (1 - p)))
            default: value
            }
        })
        let losses = Matrix(rows: 1, columns: rows)
        let backend = try CPUBackend(threads: 2)
        backend.loss(
            loss.function, outputs: outputs,
            targets: try loss.targets(golden.targets!.tensor, rows: rows, columns: columns, on: backend),
            weights: nil, scale: 1 / Float(rows), gradient: Operand(gradient), losses: losses, hits: nil)
        let mean = losses.sum(count: rows) / Double(rows)
        #expect(abs(mean - golden.loss!) <= 1e-5 * max(1, abs(golden.loss!)))
        if loss == .meanSquaredError {
            expectClose(gradient.values, golden.gradient!.values, absolute: 1e-6, relative: 1e-4)
        }
    }
}
