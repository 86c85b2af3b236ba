import ChargenNN
import ChargenCPU
import ChargenTensor
import ChargenTestSupport
import Testing

/// The model against PyTorch, under every instruction set of this machine.
@Suite struct GoldenTests {
    @Test(arguments: Golden.cases, availableInstructionSets)
    func forward(_ golden: Golden, _ set: InstructionSet) throws {
        let network = try golden.network(on: CPUBackend(threads: 2, instructionSet: set))
        var state = golden.state
        try network.forward(tokens: golden.inputs, steps: golden.T, batchSize: golden.N, state: &state)
        expectClose(try network.logits.values, golden.logits.values, absolute: 1e-5, "logits")
        expectClose(state.hidden.values, golden.h.values, absolute: 1e-5, "h")
        expectClose(state.cell!.values, golden.c.values, absolute: 1e-5, "c")
        #expect(state.hidden.shape == golden.h.shape)
        #expect(abs(try network.loss(targets: golden.targets) - golden.loss) < 1e-4)
    }

    @Test(arguments: Golden.cases, availableInstructionSets)
    func backward(_ golden: Golden, _ set: InstructionSet) throws {
        let network = try golden.network(on: CPUBackend(threads: 2, instructionSet: set))
        var state = golden.state
        try network.forward(tokens: golden.inputs, steps: golden.T, batchSize: golden.N, state: &state)
        _ = try network.loss(targets: golden.targets)
        network.backward(finalState: RNNState(hidden: golden.dh.tensor, cell: golden.dc.tensor))
        for (name, gradient) in try network.named(network.gradients) {
            let expected = golden.gradients[name]!
            #expect(gradient.shape == expected.shape, "\(name)")
            expectClose(gradient.values, expected.values, absolute: 1e-6, relative: 1e-4, name)
        }
        let first = network.initialStateGradient
        expectClose(first.hidden.values, golden.dh0.values, absolute: 1e-6, relative: 1e-4, "dh0")
        expectClose(first.cell!.values, golden.dc0.values, absolute: 1e-6, relative: 1e-4, "dc0")
    }

    /// Products of bfloat16 have 8 bits: what comes out is near, on every instruction set.
    @Test(arguments: Golden.cases, availableInstructionSets)
    func bfloat16(_ golden: Golden, _ set: InstructionSet) throws {
        let network = try golden.network(on: CPUBackend(threads: 2, instructionSet: set), precision: .bfloat16)
        var state = golden.state
        try network.forward(tokens: golden.inputs, steps: golden.T, batchSize: golden.N, state: &state)
        expectClose(try network.logits.values, golden.logits.values, absolute: 0.03, "logits")
        expectClose(state.cell!.values, golden.c.values, absolute: 0.03, "c")
        #expect(abs(try network.loss(targets: golden.targets) / golden.loss - 1) < 5e-3)
        network.backward(finalState: RNNState(hidden: golden.dh.tensor, cell: golden.dc.tensor))
        for (name, gradient) in try network.named(network.gradients) {
            let expected = golden.gradients[name]!.values
            // As vectors: the difference is a small part of the whole.
            let size = expected.reduce(0) { $0 + $1 * $1 }
            let difference = zip(gradient.values, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            #expect(difference <= 2e-2 * 2e-2 * size, "\(name): \((difference / size).squareRoot())")
        }
    }

    @Test func weightsSurviveTheirNames() throws {
        for golden in Golden.cases {
            let tensors = try golden.model().tensors
            #expect(tensors.count == golden.weights.count)
            for (name, tensor) in tensors { #expect(tensor == golden.weights[name]!.tensor, "\(name)") }
        }
    }
}
