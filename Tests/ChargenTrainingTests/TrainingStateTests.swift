import ChargenDevice
import ChargenNN
import ChargenTensor
import ChargenTestSupport
import ChargenTraining
import Foundation
import Testing

/// A run that goes on from a state gives the same bytes as a run that was never interrupted.
@Suite struct TrainingStateTests {
    /// One way to train a model of text.
    struct Case: Sendable, CustomStringConvertible {
        let optimizer: OptimizerKind
        let momentum: Double
        let cell: RNNConfiguration.Cell
        let batching: TrainingOptions.Batching
        let embeddingSize: Int?
        let precision: Precision

        var description: String {
            "\(optimizer) \(momentum) \(cell) \(batching) \(embeddingSize ?? 0) \(precision)"
        }

        static let all: [Case] = {
            let optimizers: [(OptimizerKind, Double)] = [(.adam, 0), (.adamw, 0), (.sgd, 0), (.sgd, 0.9)]
            return optimizers.flatMap { optimizer, momentum in
                RNNConfiguration.Cell.allCases.flatMap { cell in
                    TrainingOptions.Batching.allCases.flatMap { batching in
                        [nil, 4].flatMap { size in
                            [Precision.float32, .bfloat16].map {
                                Case(
                                    optimizer: optimizer, momentum: momentum, cell: cell, batching: batching,
                                    embeddingSize: size, precision: $0)
                            }
                        }
                    }
                }
            }
        }()
    }

    /// 4 epochs of 16 consecutive batches, or of 15 random ones; two layers; the last batch is narrower than the others.
    private func options(_ change: (inout TrainingOptions) -> Void = { _ in }) -> TrainingOptions {
        var options = TrainingOptions()
        options.cell = .lstm
        options.hiddenSize = 10
        options.layers = 2
        options.batchSize = 3
        options.steps = 7
        options.epochs = 4
        options.validation = 0.2
        options.seed = .max - 5
        options.dropout = 0.2
        options.recurrentDropout = 0.15
        options.weightDecay = 0.1
        change(&options)
        return options
    }

    private func trainer(
        _ options: TrainingOptions, characters: Int = 410, vocabularySize: Int = 19
    ) throws -> TokenTrainer {
        var random = RandomSource(seed: 9)
        let tokens = (0..<characters).map { _ in Int32(random.next() % UInt64(vocabularySize)) }
        return try TokenTrainer(tokens: tokens, vocabularySize: vocabularySize, options: options)
    }

    /// A hook that stops the run after `step` steps.
    private func stop(after step: Int) -> LambdaHook {
        LambdaHook(onStep: { loop in if loop.step == step { loop.stop() } })
    }

    /// Trains up to `steps` steps in one loop, and in parts that end after each of `pauses`, each part in a new loop that
    /// `make` gives for a number of threads. Expects the same state at the end.
    private func expectTheSame(
        steps: Int, pauses: [Int], _ make: (_ threads: Int) throws -> TrainingLoop,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let whole = try make(1)
        try whole.train(hooks: [stop(after: steps)])
        var part = try make(2)
        for (index, pause) in pauses.enumerated() {
            try part.train(hooks: [stop(after: pause)])
            #expect(part.step == pause, sourceLocation: sourceLocation)
            let state = part.state
            part = try make(index + 1)
            try part.restore(try throughJSON(state))
            #expect(part.state == state, sourceLocation: sourceLocation)
        }
        try part.train(hooks: [stop(after: steps)])
        #expect(whole.step == steps && part.step == steps, sourceLocation: sourceLocation)
        #expect(part.state.tensors == whole.state.tensors, sourceLocation: sourceLocation)
        let (found, expected) = (try withoutTimes(part.state), try withoutTimes(whole.state))
        #expect(found == expected, sourceLocation: sourceLocation)
        #expect(found.count > 8 && (found["metrics"] as? NSDictionary)?["trainLoss"] != nil)
    }

    /// The state written as JSON and read again; tensors are taken over.
    private func throughJSON(_ state: TrainingState) throws -> TrainingState {
        var read = try JSONDecoder().decode(TrainingState.self, from: JSONEncoder().encode(state))
        #expect(read.tensors.isEmpty)
        read.tensors = state.tensors
        #expect(read == state)
        return read
    }

    /// All numbers of the state but tensors and those that depend on the clock.
    private func withoutTimes(_ state: TrainingState) throws -> NSDictionary {
        var values = try #require(
            try JSONSerialization.jsonObject(with: JSONEncoder().encode(state)) as? [String: Any])
        for key in ["seconds", "epochSeconds"] { #expect(values.removeValue(forKey: key) != nil) }
        for key in ["metrics", "best", "recent"] {
            guard var metrics = values[key] as? [String: Any] else { continue }
            #expect(metrics.removeValue(forKey: "seconds") != nil)
            #expect((metrics.removeValue(forKey: "charactersPerSecond") != nil) == (key != "recent"))
            values[key] = metrics
        }
        return values as NSDictionary
    }

    // MARK: - The same bytes

    /// The pauses lie inside an epoch, and the parts cross the end of an epoch.
    @Test(arguments: Case.all) func textsGoOn(_ test: Case) throws {
        let options = options {
            $0.optimizer = test.optimizer
            $0.momentum = test.momentum
            $0.cell = test.cell
            $0.batching = test.batching
            $0.embeddingSize = test.embeddingSize
            $0.precision = test.precision
        }
        func make(threads: Int) throws -> TrainingLoop {
            var options = options
            options.device = .cpu(threads: threads)
            return try trainer(options).loop
        }
        try expectTheSame(steps: 10, pauses: [5], make)
        try expectTheSame(steps: 42, pauses: [21], make)
        try expectTheSame(steps: 50, pauses: [1, 20, 33], make)
    }

    /// What is kept beside the parameters and the optimizer's slots goes on too.
    @Test(arguments: TrainingOptions.Batching.allCases) func optionsGoOn(_ batching: TrainingOptions.Batching) throws {
        let changes: [(inout TrainingOptions) -> Void] = [
            { $0.average = 0.3 }, { $0.keep = .best; $0.average = 0.2; $0.test = 0.1 }, { $0.offset = true }, { $0.jitter = 0.6 }, { $0.accumulate = 1; $0.offset = true; $0.jitter = 0.4 },
        ]
        for change in changes {
            var options = options(change)
            options.batching = batching
            func make(threads: Int) throws -> TrainingLoop {
                options.device = .cpu(threads: threads)
                return try trainer(options).loop
            }
            try expectTheSame(steps: 10, pauses: [5], make)
            try expectTheSame(steps: 36, pauses: [1, 20, 33], make)
            // 14 to 16 batches are 5 or 6 steps, the last of which may have fewer batches. No pause lies at the end of an epoch:
            // the validation of an epoch whose last step stops the run is left out.
            options.accumulate = 3
            try expectTheSame(steps: 18, pauses: [1, 8, 11], make)
        }
    }

    /// Between epochs, with the metrics of validation.
    @Test(arguments: TrainingOptions.Batching.allCases)
    func textsGoOnBetweenEpochs(_ batching: TrainingOptions.Batching) throws {
        let options = options { $0.batching = batching }
        let whole = try trainer(options), first = try trainer(options), second = try trainer(options)
        try whole.train()
        try first.trainEpoch()
        try first.trainEpoch()
        try second.loop.restore(try throughJSON(first.loop.state))
        #expect(second.metrics == first.metrics && second.epoch == 2)
        try second.train()
        #expect(second.isFinished && second.model == whole.model && second.record == whole.record)
        #expect(try withoutTimes(second.loop.state) == withoutTimes(whole.loop.state))
        // A finished run that is restored knows that its figure is exact.
        let third = try trainer(options)
        try third.loop.restore(try throughJSON(second.loop.state))
        #expect(third.record == whole.record && third.record.validationLoss != nil)
        #expect(third.metrics == second.metrics && third.loop.best == second.loop.best)
    }

    /// A state that a hook takes after the last step of an epoch, before the validation.
    @Test func stateOfTheLastStep() throws {
        let whole = try trainer(options()), part = try trainer(options()), other = try trainer(options())
        try whole.train()
        var states: [TrainingState] = []
        try part.trainEpoch(hooks: [LambdaHook(onStep: { states.append($0.state) })])
        let last = try #require(states.last)
        #expect(last.batch == last.batchCount && last.metrics?.isEpochEnd == false && last.metrics?.step == last.step - 1)
        try other.loop.restore(try throughJSON(last))
        let metrics = try other.trainEpoch()
        #expect(metrics.epoch == 1 && metrics.step == last.step && metrics.isComplete)
        #expect(metrics.validationLoss == part.metrics?.validationLoss && metrics.validationLoss != nil)
        try other.train()
        #expect(other.model == whole.model)
    }

    /// Ragged sequences, masks, dropouts, weights of samples and classes, shuffled epochs; with an output for each sequence
    /// or for each of its steps.
    @Test(
        arguments: [false, true],
        [(OptimizerKind.adam, 0), (.adamw, 0), (.nadam, 0), (.rmsprop, 0.8), (.adagrad, 0), (.sgd, 0), (.sgd, 0.8)])
    func examplesGoOn(_ returnsSequences: Bool, _ optimizer: (kind: OptimizerKind, momentum: Double)) throws {
        var random = RandomSource(seed: 4)
        let tokens: [[Int32]] = (0..<41).map { _ in
            (0..<Int(1 + random.next() % 23)).map { _ in Int32(random.next() % 13) }
        }
        let width = tokens.map(\.count).max()!
        let targets = Tensor(
            shape: [41, returnsSequences ? width : 1],
            values: (0..<41 * (returnsSequences ? width : 1)).map { _ in Float(random.next() % 3) })
        let weights = Tensor(shape: [41], values: (0..<41).map { Float($0 % 5) / 2 })
        for precision in [Precision.float32, .bfloat16] {
            func make(threads: Int) throws -> TrainingLoop {
                let model = try Sequential([
                    Embedding(inputDim: 13, outputDim: 6, maskZero: true),
                    Bidirectional(GRU(units: 7, returnSequences: true, dropout: 0.1, recurrentDropout: 0.2)),
                    LSTM(units: 5, returnSequences: returnsSequences, recurrentDropout: 0.1), Dropout(rate: 0.3),
                    Dense(units: 3, activation: .softmax),
                ], seed: 8, device: .cpu(threads: threads))
                var options = FitOptions(epochs: 5, batchSize: 4)
                options.optimizer = optimizer.kind
                options.momentum = optimizer.momentum
                options.schedule = CosineSchedule()
                options.clipNorm = 0.5
                options.seed = 77
                options.precision = precision
                return try model.trainingLoop(
                    .tokens(tokens), targets, loss: .sparseCategoricalCrossentropy, options: options,
                    sampleWeight: weights, classWeight: [1: 2.5], validation: (.tokens(tokens), targets))
            }
            let batches = try make(threads: 1).progress.stepsPerEpoch
            #expect(batches >= 11)
            try expectTheSame(steps: 6, pauses: [3], make)
            try expectTheSame(steps: 2 * batches + 4, pauses: [batches + 2], make)
        }
    }

    // MARK: - States of other runs

    /// Expects that the state is refused for a reason that contains `words`, and that nothing is changed then.
    private func expectRefused(
        _ words: String, _ loop: TrainingLoop, _ state: TrainingState, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let before = loop.state
        do {
            try loop.restore(state)
            Issue.record("the state was not refused: \(words)", sourceLocation: sourceLocation)
        } catch TrainingError.otherState(let reason) {
            #expect(reason.contains(words), "\(reason)", sourceLocation: sourceLocation)
        }
        #expect(loop.state == before, sourceLocation: sourceLocation)
    }

    @Test func statesOfOtherRunsAreRefused() throws {
        let trained = try trainer(options())
        try trained.train(hooks: [stop(after: 20)])
        let state = trained.loop.state
        #expect(state.batch == 4 && state.epoch == 2)
        func refused(
            _ words: String, _ other: TrainingOptions, characters: Int = 410, vocabularySize: Int = 19
        ) throws {
            let trainer = try trainer(other, characters: characters, vocabularySize: vocabularySize)
            try trainer.train(hooks: [stop(after: 3)])
            try expectRefused(words, trainer.loop, state)
        }
        try refused("seed", options { $0.seed = 1 })
        try refused("schedule is cosine, not constant", options { $0.schedule = ConstantSchedule() })
        try refused("number of epochs is 4, not 5", options { $0.epochs = 5 })
        try refused("number of batches", options(), characters: 600)
        try refused("has shape", options { $0.hiddenSize = 11 })
        try refused("has shape", options(), vocabularySize: 20)
        try refused("missing", options { $0.layers = 3 })
        try refused("missing", options { $0.embeddingSize = 4 })
        try refused("gru.kernel is missing", options { $0.cell = .gru })
        try refused("velocity", options {
            $0.optimizer = .sgd
            $0.momentum = 0.9
        })
    }

    @Test func damagedStatesAreRefused() throws {
        let trained = try trainer(options()), other = try trainer(options())
        try trained.train(hooks: [stop(after: 20)])
        try other.train(hooks: [stop(after: 3)])
        let state = trained.loop.state
        func refused(_ words: String, _ change: (inout TrainingState) -> Void) throws {
            var damaged = state
            change(&damaged)
            try expectRefused(words, other.loop, damaged)
        }
        // Every tensor is needed, those of parameters, of slots and of carried states.
        #expect(state.tensors.keys.contains { $0.hasPrefix("mean.") } && state.tensors["state.1.cell"] != nil)
        for name in state.tensors.keys {
            try refused(name) { $0.tensors[name] = nil }
            try refused(name) { $0.tensors[name] = Tensor(zeros: [2, 1]) }
        }
        for batch in [-1, 17, .max] { try refused("batch \(batch)") { $0.batch = batch } }
        for epoch in [-1, 0, 5] { try refused("epoch \(epoch)") { $0.epoch = epoch } }
        // What was refused so often is accepted as it was.
        try other.loop.restore(state)
        #expect(other.loop.state == state)
    }
}

/// The states that stateful layers carry from batch to batch are part of the training state too.
@Suite struct StatefulTrainingTests {
    @Test(arguments: [false, true]) func goesOnWithTheCarriedStates(_ bidirectional: Bool) throws {
        func loop() throws -> TrainingLoop {
            let layer = GRU(units: 5, stateful: true)
            let model = try Sequential(
                [bidirectional ? Bidirectional(layer) : layer, Dense(units: 2)], inputSize: 3, seed: 4)
            var random = RandomSource(seed: 6)
            let inputs = Tensor(shape: [12, 4, 3], values: (0..<144).map { _ in random.uniform(in: -1..<1) })
            let targets = Tensor(shape: [12, 2], values: (0..<24).map { _ in random.uniform(in: -1..<1) })
            return try model.trainingLoop(
                .values(inputs), targets, loss: .meanSquaredError, options: FitOptions(epochs: 3, batchSize: 3))
        }
        func stop(after steps: Int) -> LambdaHook { LambdaHook(onStep: { if $0.step == steps { $0.stop() } }) }
        let whole = try loop(), first = try loop(), second = try loop()
        try whole.train(hooks: [stop(after: 10)])
        try first.train(hooks: [stop(after: 6)])
        #expect(first.state.tensors.keys.filter { $0.hasPrefix("state.") }.count == (bidirectional ? 2 : 1))
        try second.restore(first.state)
        try second.train(hooks: [stop(after: 10)])
        #expect(second.state.tensors == whole.state.tensors)
    }
}
