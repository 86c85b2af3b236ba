import ChargenNN
import ChargenCPU
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
            kind.optimizer(OptimizerSettings()),
            clipping: GradientClipping(norm: trained.norm, value: trained.value), layout: network.parameters.layout,
            on: backend)
        let sums = StepSums(on: backend)
        for (number, norm) in trained.norms.enumerated() {
            var state = golden.state
            try network.forward(tokens: golden.inputs, steps: golden.T, batchSize: golden.N, state: &state)
            _ = try network.loss(targets: golden.targets)
            network.backward()
            if let limit = trained.norm { #expect(norm > limit, "clipping is not active") }
            if let value = trained.value {
                #expect(network.gradients.flat.values.contains { abs($0) > Float(value) }, "clipping is not active")
            }
            update.apply(
                network.gradients, sums, lossLimit: .infinity, to: network.parameters, number: number + 1,
                learningRate: trained.rate, on: backend)
            #expect(abs(sums.read().gradientNorm - norm) < 1e-5 * norm)
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
        #expect(GradientClipping(norm: nil, value: nil).limit == .infinity)
        #expect(GradientClipping(norm: nil, value: 0.5).limit == 0.5)
        #expect(StepRule(norm: nil, lossLimit: 10).scale(loss: 9, squares: 81) == 1)
        #expect(StepRule(norm: 3, lossLimit: 10).scale(loss: 9, squares: 4) == 1)
        #expect(abs(StepRule(norm: 3, lossLimit: 10).scale(loss: 9, squares: 36) - 0.5) < 1e-6)
        // What is not finite, or too large, means that there is no step.
        for (loss, squares) in [(10, 4), (.nan, 4), (.infinity, 4), (9, .infinity), (9, .nan)] as [(Double, Double)] {
            #expect(StepRule(norm: 3, lossLimit: 10).scale(loss: loss, squares: squares).isNaN)
        }
    }

    // MARK: - Formulas

    /// Three steps over some layers with gradients of their own, and the same in double precision by `formula`: the
    /// parameter, its gradient after clipping, whether it decays, its slots and the step's number give the new parameter.
    private func expectFormula(
        _ optimizer: any Optimizer, clipping: GradientClipping = GradientClipping(norm: nil, value: nil), rate: Double,
        _ formula: (_ p: Double, _ g: Double, _ decays: Bool, _ slots: inout [Double], _ step: Int) -> Double
    ) throws {
        let backend = try CPUBackend(threads: 2)
        let network = try Sequential(
            [Embedding(inputDim: 11, outputDim: 3), LSTM(units: 5), Dense(units: 7), Dense(units: 2)], on: backend)
        network.initialize()
        let layout = network.layout, parameters = network.parameters
        let update = ParameterUpdate(optimizer, clipping: clipping, layout: layout, on: backend)
        var random = RandomSource(seed: 6)
        var expected = parameters.flat.values.map { Double($0) }
        var slots = [[Double]](repeating: [0, 0], count: expected.count)
        for step in 1...3 {
            for (index, entry) in layout.indexed {
                network.gradients[index].assign((0..<entry.count).map { _ in Float(random.normal()) })
            }
            let gradients = network.gradients.flat.values.map { Double($0) }
            let sums = StepSums(on: backend)
            update.apply(
                network.gradients, sums, lossLimit: .infinity, to: parameters, number: step, learningRate: rate,
                on: backend)
            let norm = sums.read().gradientNorm
            #expect(abs(norm - gradients.reduce(0) { $0 + $1 * $1 }.squareRoot()) < 1e-4)
            let scale = clipping.norm.map { min(1, $0 / (norm + 1e-6)) } ?? 1, limit = clipping.value ?? .infinity
            for entry in layout.entries {
                for place in entry.offset..<entry.offset + entry.count {
                    let gradient = max(-limit, min(limit, gradients[place] * scale))
                    expected[place] = formula(expected[place], gradient, entry.decays, &slots[place], step)
                }
            }
        }
        #expect(layout.entries.contains { $0.decays } && layout.entries.contains { !$0.decays })
        expectClose(parameters.flat.values, expected.map { Float($0) }, absolute: 2e-6, relative: 2e-6)
    }

    /// PyTorch's `AdamW` (Loshchilov and Hutter, 2019, algorithm 2), with a weight decay of zero for biases.
    @Test(arguments: [0, 0.3]) func adamWithDecay(_ weightDecay: Double) throws {
        let rate = 0.01
        try expectFormula(Adam(weightDecay: weightDecay), rate: rate) { p, g, decays, slots, step in
            slots[0] = 0.9 * slots[0] + 0.1 * g
            slots[1] = 0.999 * slots[1] + 0.001 * g * g
            let mean = slots[0] / (1 - power(0.9, Double(step)))
            let square = slots[1] / (1 - power(0.999, Double(step)))
            return p * (1 - (decays ? rate * weightDecay : 0)) - rate * mean / (square.squareRoot() + 1e-8)
        }
    }

    /// PyTorch's `SGD`: the velocity begins with the first gradient.
    @Test(arguments: [0, 0.9], [nil, 2]) func descentWithMomentum(_ momentum: Double, _ norm: Double?) throws {
        let clipping = GradientClipping(norm: norm, value: norm.map { $0 / 10 })
        try expectFormula(SGD(momentum: momentum), clipping: clipping, rate: 0.05) { p, g, _, slots, _ in
            slots[0] = momentum * slots[0] + g
            return p - 0.05 * slots[0]
        }
    }

    @Test func slots() {
        func names(_ optimizer: any Optimizer) -> [String] { optimizer.slots.map(\.name) }
        #expect(names(Adam()) == ["mean", "square"] && !Adam().hasWeightDecay && Adam(weightDecay: 0.1).hasWeightDecay)
        #expect(names(Nadam()) == ["mean", "square"] && names(Adagrad()) == ["square"])
        #expect(names(SGD()).isEmpty && names(SGD(momentum: 0.5)) == ["velocity"])
        #expect(names(RMSprop()) == ["square"] && names(RMSprop(momentum: 0.5)) == ["square", "velocity"])
        #expect(names(RMSprop(momentum: 0.5, isCentered: true)) == ["square", "velocity", "mean"])
        #expect(Adagrad(initialAccumulator: 0.25).slots[0].initialValue == 0.25)
    }

    /// Weight decay leaves out whatever is one row: biases.
    @Test(arguments: RNNConfiguration.Cell.allCases) func onlyMatricesDecay(_ cell: RNNConfiguration.Cell) throws {
        let model = try RNNModel(
            configuration: RNNConfiguration(cell: cell, vocabularySize: 11, hiddenSize: 5, layers: 2, embeddingSize: 3), seed: 1)
        let entries = try Sequential(model.configuration.makeLayers(), on: CPUBackend(threads: 1)).layout.entries
        #expect(entries.allSatisfy { $0.decays == ($0.rows > 1) } && Set(entries.map(\.decays)).count == 2)
    }

    // MARK: - Frozen parameters

    /// Weight decay and momentum leave frozen vectors as they are, bit for bit; everything else is trained.
    @Test(
        arguments: [
            (OptimizerKind.adam, 0), (.adamw, 0), (.nadam, 0), (.rmsprop, 0), (.rmsprop, 0.9), (.sgd, 0), (.sgd, 0.9),
        ], [Precision.float32, .bfloat16])
    func frozenParametersStay(_ optimizer: (kind: OptimizerKind, momentum: Double), _ precision: Precision) throws {
        var random = RandomSource(seed: 3)
        let vectors = Tensor(shape: [9, 4], values: (0..<36).map { _ in Float(random.normal()) })
        let model = try Sequential([
            Embedding(weights: vectors), LSTM(units: 5), Dense(units: 3, activation: .softmax),
        ])
        let before = model.weights
        var options = FitOptions(epochs: 3, batchSize: 4, learningRate: 0.1)
        options.optimizer = optimizer.kind
        options.weightDecay = 0.5
        options.momentum = optimizer.momentum
        options.precision = precision
        let inputs = (0..<14).map { row in (0..<6).map { Int32((row * 5 + $0) % 9) } }
        let loop = try model.trainingLoop(
            .tokens(inputs), Tensor(shape: [14], values: (0..<14).map { Float($0 % 3) }),
            loss: .sparseCategoricalCrossentropy, options: options)
        try loop.train()
        for (old, new) in zip(before, model.weights) {
            let isFrozen = old.name == before[0].name
            #expect((old.tensor.values.map(\.bitPattern) == new.tensor.values.map(\.bitPattern)) == isFrozen, "\(old.name)")
        }
        #expect(before[0].tensor == vectors)
        // The slots of frozen parameters are not touched either.
        for (name, tensor) in loop.state.tensors where name.hasSuffix("embedding.embeddings") && !name.hasPrefix("param") {
            #expect(tensor.values.allSatisfy { $0 == 0 }, "\(name)")
        }
    }
}
