import ChargenNN
import ChargenTensor
import ChargenTestSupport
import ChargenTraining
import Testing

/// Three steps with clipping against PyTorch, under every instruction set of this machine.
@Suite struct OptimizerTests {
    private func train(
        _ golden: Golden, _ trained: Golden.Trained, _ kind: OptimizerKind, _ set: InstructionSet
    ) throws {
        let backend = try CPUBackend(threads: 2, instructionSet: set)
        let network = try golden.network(on: backend)
        let update = ParameterUpdate(
            kind.optimizer(weightDecay: 0, momentum: 0),
            clipping: GradientClipping(norm: trained.norm, value: trained.value), layout: network.parameters.layout)
        for (number, norm) in trained.norms.enumerated() {
            var state = golden.state
            try network.forward(tokens: golden.inputs, steps: golden.T, batchSize: golden.N, state: &state)
            _ = try network.loss(targets: golden.targets)
            network.backward()
            let found = update.norm(of: network.gradients, on: backend)
            #expect(abs(found - norm) < 1e-5 * norm)
            if let limit = trained.norm { #expect(found > limit, "clipping is not active") }
            if let value = trained.value {
                #expect(network.gradients.flat.values.contains { abs($0) > Float(value) }, "clipping is not active")
            }
            update.apply(
                network.gradients, norm: found, to: network.parameters, number: number + 1, learningRate: trained.rate,
                on: backend)
            network.parametersChanged()
        }
        for (name, tensor) in try network.named(network.parameters) {
            expectClose(tensor.values, trained.weights[name]!.values, absolute: 1e-5, name)
        }
    }

    @Test(arguments: Golden.cases, availableInstructionSets)
    func adam(_ golden: Golden, _ set: InstructionSet) throws { try train(golden, golden.adam, .adam, set) }

    @Test(arguments: Golden.cases, availableInstructionSets)
    func sgd(_ golden: Golden, _ set: InstructionSet) throws { try train(golden, golden.sgd, .sgd, set) }

    @Test func clippingFactors() {
        #expect(GradientClipping(norm: nil, value: nil).factors(gradientNorm: 9)
            == ClippingFactors(scale: 1, limit: .infinity))
        #expect(GradientClipping(norm: 3, value: 0.5).factors(gradientNorm: 2)
            == ClippingFactors(scale: 1, limit: 0.5))
        let halved = GradientClipping(norm: 3, value: nil).factors(gradientNorm: 6)
        #expect(abs(halved.scale - 0.5) < 1e-6)
    }

    @Test func schedules() {
        #expect((0..<5).allSatisfy { ConstantSchedule().factor(step: $0, of: 5) == 1 })
        let cosine = (0..<101).map { CosineSchedule().factor(step: $0, of: 101) }
        #expect(cosine[0] == 1)
        #expect(abs(cosine[50] - 0.505) < 1e-9)
        #expect(abs(cosine[100] - CosineSchedule.end) < 1e-9)
        #expect(zip(cosine, cosine.dropFirst()).allSatisfy { $0 > $1 })
        #expect(CosineSchedule().factor(step: 0, of: 1) == 1)
    }
}
