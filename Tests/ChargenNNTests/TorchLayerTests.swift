import ChargenNN
import ChargenTensor
import ChargenTestSupport
import Testing

/// Stacked layers, one way and both ways, against PyTorch.
@Suite struct TorchLayerTests {
    @Test(arguments: TorchLayerGolden.cases) func layers(_ golden: TorchLayerGolden) throws {
        let model = try golden.model()
        try model.setWeights(golden.kerasWeights(golden.weights))
        let result = try model(
            .values(golden.input.tensor), initialStates: golden.layerStates(golden.initialState))
        #expect(result.output.shape == golden.output.shape)
        expectClose(result.output.values, golden.output.values, absolute: 1e-5, "output")
        func compare(_ found: [LayerState], _ expected: [Golden.Numbers], _ what: String) {
            let expected = golden.layerStates(expected)
            #expect(found.count == expected.count)
            for (found, expected) in zip(found, expected) {
                expectClose(found.hidden.values, expected.hidden.values, absolute: 1e-5, relative: 1e-4, what)
                #expect((found.cell == nil) == (expected.cell == nil))
                guard let cell = found.cell else { continue }
                expectClose(cell.values, expected.cell!.values, absolute: 1e-5, relative: 1e-4, what)
            }
        }
        compare(result.states, golden.states, "states")
        let gradients = try model.gradients(
            outputGradient: golden.outputGradient.tensor, stateGradients: golden.layerStates(golden.stateGradients))
        expectClose(
            gradients.input!.values, golden.gradients.input.values, absolute: 1e-5, relative: 1e-4, "input's gradient")
        compare(gradients.initialStates, golden.gradients.initialState, "initial states' gradients")
        // Of biases that are only added up both gradients are that of the sum.
        var expected = golden.kerasWeights(golden.gradients.weights)
        if golden.kind != "GRU" {
            for index in stride(from: 2, to: expected.count, by: 3) {
                expected[index].values = expected[index].values.map { $0 / 2 }
            }
        }
        #expect(gradients.weights.count == expected.count)
        for ((name, gradient), expected) in zip(gradients.weights, expected) {
            #expect(gradient.shape == expected.shape)
            expectClose(gradient.values, expected.values, absolute: 1e-5, relative: 1e-4, name)
        }
    }
}
