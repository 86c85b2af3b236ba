import ChargenCPU
import ChargenNN
import ChargenTensor
import ChargenTestSupport
import Testing

/// Multiplicative LSTMs and normalized products against PyTorch written out step by step, under every instruction set of this
/// machine and on the reference backend.
@Suite struct CellGoldenTests {
    @Test(arguments: CellGolden.cases, availableInstructionSets.map(Optional.some) + [nil])
    func passes(_ golden: CellGolden, _ set: InstructionSet?) throws {
        let backend: any Backend = try set.map { try CPUBackend(threads: 2, instructionSet: $0) } ?? ReferenceBackend()
        let network = try TokenNetwork(golden.model(), on: backend)
        var state = golden.state
        try network.forward(tokens: golden.inputs, steps: golden.T, batchSize: golden.N, state: &state)
        expectClose(try network.logits.values, golden.logits.values, absolute: 1e-5, relative: 1e-5, "logits")
        expectClose(state.hidden.values, golden.h.values, absolute: 1e-5, "h")
        #expect((state.cell == nil) == (golden.c == nil) && state.hidden.shape == golden.h.shape)
        if let cell = state.cell { expectClose(cell.values, golden.c!.values, absolute: 1e-5, relative: 1e-5, "c") }
        #expect(abs(try network.loss(targets: golden.targets) / golden.loss - 1) < 1e-5)

        network.backward(finalState: golden.finalGradient)
        let gradients = try network.named(network.gradients)
        #expect(Set(gradients.keys) == Set(golden.gradients.keys))
        for (name, gradient) in gradients {
            let expected = try #require(golden.gradients[name])
            #expect(gradient.shape == expected.shape, "\(name)")
            expectClose(gradient.values, expected.values, absolute: 1e-5, relative: 1e-4, name)
        }
        let first = network.initialStateGradient
        expectClose(first.hidden.values, golden.dh0.values, absolute: 1e-5, relative: 1e-4, "dh0")
        if let cell = first.cell { expectClose(cell.values, golden.dc0!.values, absolute: 1e-5, relative: 1e-4, "dc0") }
    }

    @Test func weightsSurviveTheirNames() throws {
        for golden in CellGolden.cases {
            let tensors = try golden.model().tensors
            #expect(tensors.count == golden.weights.count)
            for (name, tensor) in tensors { #expect(tensor == golden.weights[name]!.tensor, "\(golden) \(name)") }
        }
    }
}
