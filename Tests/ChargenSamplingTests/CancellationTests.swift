import ChargenModels
import ChargenNN
import ChargenSampling
import ChargenTensor
import ChargenTestSupport
import ChargenTraining
import Testing

/// Long calls in a task that is cancelled. The tasks cancel themselves at a certain place, so that nothing depends on time.
@Suite struct CancellationTests {
    /// Cancels the task that calls this.
    private static func cancel() { withUnsafeCurrentTask { $0?.cancel() } }

    /// Runs `body` in a task of its own, which it may cancel.
    private func inTask<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        try await Task.detached { try await body() }.value
    }

    /// More tokens than are read between two looks at the cancellation.
    private let text = String(repeating: "abcdefg\n", count: 90)

    @Test func callsInACancelledTask() async throws {
        let model = try CharacterModel.random(), text = text, tokens = try model.encode(text)
        let calls: [@Sendable () async throws -> Void] = [
            { _ = try model.read(text) },
            { _ = try model.score(text) },
            { _ = try model.stream(after: text, seed: 1) },
            { _ = try model.generate(prefix: "a", length: 10, seed: 1) },
            { _ = try model.generate(prefix: "a", length: 10, count: 70, seed: 1) },
            { _ = try model.network.evaluate(tokens) },
            { _ = try model.network.evaluate(tokens, precision: .int8) },
            { for try await _ in try model.characters(after: "a", seed: 1) {} },
            { for try await _ in try model.characters(after: text, seed: 1) {} },
            { try Trainer(text: text).train() },
            { try Trainer(text: text).trainEpoch() },
        ]
        for (index, call) in calls.enumerated() {
            await #expect(throws: CancellationError.self, "call \(index)") {
                try await inTask {
                    Self.cancel()
                    try await call()
                }
            }
        }
    }

    @Test func inTheMiddle() async throws {
        let model = try CharacterModel.random(), tokens = try model.encode(text)
        await #expect(throws: CancellationError.self) {
            try await inTask {
                var count = 0
                for try await _ in try model.characters(after: "a", seed: 1) {
                    count += 1
                    if count == 5 { Self.cancel() }
                    #expect(count <= 5)
                }
            }
        }
        for count in [1, 70] {
            await #expect(throws: CancellationError.self) {
                try await inTask {
                    var drawn = 0
                    _ = try model.generate(prefix: "a", length: 1_000_000_000, count: count, seed: 1) { _ in
                        drawn += 1
                        if drawn == 5 { Self.cancel() }
                        #expect(drawn <= 5)
                    }
                }
            }
        }
        for precision in [StreamPrecision.float32, .int8] {
            await #expect(throws: CancellationError.self) {
                try await inTask {
                    var last = 0
                    return try model.network.evaluate(tokens, precision: precision) { read in
                        #expect(last == 0 && read < tokens.count - 1)
                        last = read
                        Self.cancel()
                        return true
                    }
                }
            }
        }
    }

    /// From outside, while the task computes without an end.
    @Test func fromAnotherTask() async throws {
        let model = try CharacterModel.random(), (started, starting) = AsyncStream<Void>.makeStream()
        let generating = Task.detached {
            try model.generate(prefix: "a", length: 1_000_000_000, count: 1, seed: 1) { _ in
                starting.yield()
            }
        }
        let listening = Task.detached {
            for try await _ in try model.characters(after: "a", seed: 1) { starting.yield() }
        }
        for await _ in started { break }
        generating.cancel()
        listening.cancel()
        await #expect(throws: CancellationError.self) { try await generating.value }
        await #expect(throws: CancellationError.self) { try await listening.value }
    }

    /// A read that is cancelled leaves its stream as it was.
    @Test func aCancelledReadChangesNothing() async throws {
        let model = try CharacterModel.random(), tokens = try model.encode(text)
        try await inTask {
            let decoder = try TokenDecoder(model.network), first = try decoder.join(), slot = try decoder.join()
            try decoder.read([1, 2, 3], in: slot)
            try decoder.read([4], in: first)
            let states = try [first, slot].map { try decoder.state(of: $0) }
            Self.cancel()
            #expect(throws: CancellationError.self) { try decoder.read(tokens, in: slot) }
            #expect(try [first, slot].map { try decoder.state(of: $0) } == states)
            // A sampler whose start was cancelled has read nothing.
            var sampler = try Sampler(model.network, seed: 1)
            try sampler.start(with: [1, 2, 3])
            let first3 = try sampler.nextTokens()
            #expect(throws: CancellationError.self) { try sampler.start(with: tokens) }
            #expect(sampler.next() == nil && sampler.error == .nothingRead)
            sampler.restart(stream: 0)
            try sampler.start(with: [1, 2, 3])
            #expect(try sampler.nextTokens() == first3)
        }
    }

    /// The places in a run at which it is cancelled.
    enum Place: Sendable, CaseIterable { case beforeTheStart, firstStep, inAnEpoch, lastStep, betweenEpochs, lastValidation }

    private final class Canceller: TrainingHook {
        let place: Place
        init(_ place: Place) { self.place = place }

        func stepFinished(_ loop: TrainingLoop) {
            let progress = loop.progress
            switch place {
            case .firstStep where loop.step == 1: CancellationTests.cancel()
            case .inAnEpoch where progress.epoch == 2 && progress.step == 3: CancellationTests.cancel()
            // What comes next is the validation.
            case .lastStep where progress.epoch == 2 && progress.step == progress.stepsPerEpoch: CancellationTests.cancel()
            case .lastValidation where progress.epoch == 3 && progress.step == progress.stepsPerEpoch: CancellationTests.cancel()
            default: break
            }
        }

        func epochFinished(_ loop: TrainingLoop, _ metrics: EpochMetrics) {
            if place == .betweenEpochs && metrics.epoch == 2 { CancellationTests.cancel() }
        }
    }

    @Test(arguments: Place.allCases, [TrainingOptions.Batching.consecutive, .random])
    func trainingGoesOn(_ place: Place, _ batching: TrainingOptions.Batching) async throws {
        var options = TrainingOptions()
        options.hiddenSize = 9
        options.layers = 2
        options.dropout = 0.2
        options.epochs = 3
        options.batchSize = 4
        options.steps = 10
        options.validation = 0.3
        options.batching = batching
        let text = sampleText(count: 900)
        let uninterrupted = try Trainer(text: text, options: options)
        try uninterrupted.train()
        // The tasks use it one after the other.
        nonisolated(unsafe) let trainer = try Trainer(text: text, options: options)
        await #expect(throws: CancellationError.self) {
            try await inTask {
                if place == .beforeTheStart { Self.cancel() }
                try trainer.train(hooks: [Canceller(place)])
            }
        }
        #expect(place == .beforeTheStart ? trainer.epoch == 0 && trainer.step == 0 : trainer.step > 0)
        #expect(!trainer.isFinished)
        try trainer.train()
        #expect(trainer.isFinished && trainer.epoch == 3 && trainer.step == uninterrupted.step)
        #expect(trainer.model == uninterrupted.model)
        let (found, expected) = (try #require(trainer.metrics), try #require(uninterrupted.metrics))
        #expect(found.trainLoss == expected.trainLoss && found.validationLoss == expected.validationLoss)
        #expect(found.validationLoss != nil && found.validationIsExact)
        #expect(trainer.loop.best?.validationLoss == uninterrupted.loop.best?.validationLoss)
        #expect(trainer.loop.best?.epoch == uninterrupted.loop.best?.epoch)
    }
}
