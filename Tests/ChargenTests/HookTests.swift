import Chargen
import ChargenTestSupport
import Testing

/// Hooks and schedules of a user's own, written with the public interface only.
@Suite struct HookTests {
    /// Counts and reads everything that a hook is given; may stop the run or end it with an error.
    private final class Recorder: TrainingHook {
        struct Failure: Error, Equatable { let step: Int }

        var steps = 0
        var validations: [LossTotals] = []
        var epochs: [EpochMetrics] = []
        var progress: [TrainingProgress] = []
        var weights: [Tensor] = []
        let stopAfter, failAfter: Int?

        init(stopAfter: Int? = nil, failAfter: Int? = nil) {
            self.stopAfter = stopAfter
            self.failAfter = failAfter
        }

        func stepFinished(_ loop: TrainingLoop) throws {
            steps += 1
            progress.append(loop.progress)
            weights = loop.weights.map(\.tensor)
            if loop.step == stopAfter { loop.stop() }
            if loop.step == failAfter { throw Failure(step: loop.step) }
        }

        func validationFinished(_ loop: TrainingLoop, _ validation: LossTotals) {
            validations.append(validation)
            #expect(loop.metrics?.validationLoss == validation.loss)
        }

        func epochFinished(_ loop: TrainingLoop, _ metrics: EpochMetrics) {
            epochs.append(metrics)
            #expect(loop.progress.share == progress.last?.share && loop.progress.epoch == metrics.epoch)
            #expect(loop.metrics == metrics && loop.epoch == metrics.epoch && loop.step == metrics.step)
        }
    }

    /// A schedule of a user's own: the rate rises from step to step.
    private struct Rising: LearningRateSchedule {
        func factor(step: Int, of total: Int) -> Double { Double(step + 1) / Double(total) }
    }

    /// A schedule with a name of its own.
    private struct Named: LearningRateSchedule {
        let name = "steps of a half"
        func factor(step: Int, of total: Int) -> Double { step < total / 2 ? 1 : 0.5 }
    }

    /// What every kind of training comes to here.
    private struct Run {
        let loop: TrainingLoop
        let train: ([any TrainingHook]) throws -> Void
    }

    /// The kinds of training. All of them train 3 epochs at a first learning rate of 0.02 and have validation data.
    enum Kind: String, CaseIterable, Sendable { case text, tokens, classifier, examples, steps }

    private static let text = sampleText(count: 300)
    private static let rate = 0.02

    private func textOptions(_ schedule: any LearningRateSchedule) -> TrainingOptions {
        var options = TrainingOptions()
        options.cell = .lstm
        options.hiddenSize = 9
        options.batchSize = 4
        options.steps = 8
        options.epochs = 3
        options.learningRate = Self.rate
        options.validation = 0.2
        options.dropout = 0.1
        options.schedule = schedule
        return options
    }

    /// Sequences of different lengths, whose label is whether they have a 1.
    private static let sequences: [[Int32]] = (0..<26).map { (row: Int) -> [Int32] in
        (0..<(row % 5 + 2)).map { (step: Int) -> Int32 in Int32(1 + (step * 5 + row * 3) % 7) }
    }

    private static let answers = Tensor(shape: [26, 1], values: sequences.map { $0.contains(1) ? 1 : 0 })

    private func model() throws -> Sequential {
        try Sequential([
            Embedding(inputDim: 8, outputDim: 5, maskZero: true), LSTM(units: 6, dropout: 0.1),
            Dense(units: 1, activation: .sigmoid),
        ])
    }

    private func fitOptions(_ schedule: any LearningRateSchedule) -> FitOptions {
        var options = FitOptions(epochs: 3, batchSize: 4, learningRate: Self.rate)
        options.schedule = schedule
        return options
    }

    private func run(_ kind: Kind, _ schedule: any LearningRateSchedule = ConstantSchedule()) throws -> Run {
        switch kind {
        case .text:
            let trainer = try Trainer(text: Self.text, options: textOptions(schedule))
            return Run(loop: trainer.loop, train: trainer.train)
        case .tokens:
            let tokens = (0..<300).map { Int32($0 * $0 % 11) }
            let trainer = try TokenTrainer(tokens: tokens, vocabularySize: 11, options: textOptions(schedule))
            return Run(loop: trainer.loop, train: trainer.train)
        case .classifier:
            var options = ClassifierOptions()
            options.configuration.hiddenSize = 7
            options.configuration.embeddingSize = 5
            options.batchSize = 4
            options.epochs = 3
            options.learningRate = Self.rate
            options.schedule = schedule
            let texts = Self.sequences.map { $0.map { "word\($0)" }.joined(separator: " ") }
            let labels = Self.answers.values.map { Int($0) }
            let trainer = try ClassifierTrainer(
                texts: texts, labels: labels, labelNames: ["no", "yes"], options: options, heldOut: (texts, labels))
            return Run(loop: trainer.loop, train: trainer.train)
        case .examples:
            let loop = try model().trainingLoop(
                .tokens(Self.sequences), Self.answers, loss: .binaryCrossentropy, options: fitOptions(schedule),
                validation: (.tokens(Self.sequences), Self.answers))
            return Run(loop: loop, train: loop.train)
        case .steps:
            let loop = try tagger(schedule)
            return Run(loop: loop, train: loop.train)
        }
    }

    /// An output for each step of a sequence.
    private func tagger(_ schedule: any LearningRateSchedule) throws -> TrainingLoop {
        let tokens = (0..<26).map { (row: Int) -> [Int32] in
            (0..<6).map { (step: Int) -> Int32 in Int32((row + step * step) % 7) }
        }
        let model = try Sequential([
            Embedding(inputDim: 7, outputDim: 3), GRU(units: 6, returnSequences: true, recurrentDropout: 0.1),
            Dense(units: 2, activation: .softmax),
        ])
        let targets = Tensor(shape: [26, 6], values: tokens.flatMap { $0.map { Float($0 % 2) } })
        return try model.trainingLoop(
            .tokens(tokens), targets, loss: .sparseCategoricalCrossentropy, options: fitOptions(schedule),
            validation: (.tokens(tokens), targets))
    }

    @Test(arguments: Kind.allCases) func aHookSeesEverything(_ kind: Kind) throws {
        let run = try run(kind), hook = Recorder()
        #expect(run.loop.progress.share == 0 && run.loop.progress.epoch == 1 && run.loop.progress.secondsLeft == 0)
        try run.train([hook])
        let perEpoch = try #require(hook.progress.first).stepsPerEpoch
        #expect(perEpoch > 3)
        #expect(hook.steps == 3 * perEpoch && run.loop.step == hook.steps && run.loop.isFinished)
        #expect(hook.validations.count == 3)
        #expect(hook.epochs.map(\.epoch) == [1, 2, 3] && hook.epochs.map(\.step) == [1, 2, 3].map { $0 * perEpoch })
        #expect(hook.epochs.map(\.validationLoss) == hook.validations.map(\.loss))
        #expect(hook.epochs.allSatisfy { $0.isComplete && $0.trainLoss > 0 && $0.gradientNorm > 0 })
        #expect(run.loop.best?.validationLoss == hook.validations.map(\.loss).min())
        #expect(hook.progress.map(\.step) == (0..<3).flatMap { _ in 1...perEpoch })
        #expect(hook.progress.map(\.epoch) == (1...3).flatMap { [Int](repeating: $0, count: perEpoch) })
        let shares = hook.progress.map(\.share)
        #expect(zip(shares, shares.dropFirst()).allSatisfy { $0 < $1 } && shares.last == 1)
        #expect(hook.progress.allSatisfy { $0.epochs == 3 && $0.loss > 0 && $0.charactersPerSecond > 0 })
        #expect(hook.progress.dropLast().allSatisfy { $0.secondsLeft > 0 } && hook.progress.last?.secondsLeft == 0)
        // A snapshot of the weights does not change when training goes on.
        #expect(hook.weights == run.loop.weights.map(\.tensor))
        #expect(hook.weights.reduce(0) { $0 + $1.values.count } == run.loop.parameterCount)
    }

    @Test func aHookOfFit() throws {
        let hook = Recorder(), model = try model()
        let history = try model.fit(
            .tokens(Self.sequences), Self.answers, loss: .binaryCrossentropy, options: fitOptions(Rising()),
            validation: (.tokens(Self.sequences), Self.answers), hooks: [hook])
        #expect(hook.epochs == history && history.count == 3 && hook.validations.count == 3)
        #expect(hook.steps == history.last?.step && hook.weights == model.weights.map(\.tensor))
        #expect(history.last?.learningRate == Self.rate)
        // A stopped run has the metrics of what was done.
        let stopping = Recorder(stopAfter: 2)
        let part = try self.model().fit(
            .tokens(Self.sequences), Self.answers, loss: .binaryCrossentropy, options: fitOptions(Rising()),
            hooks: [stopping])
        #expect(part.count == 1 && part[0].step == 2 && !part[0].isComplete && stopping.steps == 2)
    }

    @Test(arguments: Kind.allCases) func theLearningRateIsTheSchedules(_ kind: Kind) throws {
        for schedule in [Rising(), Named()] as [any LearningRateSchedule] {
            let run = try run(kind, schedule), hook = Recorder()
            try run.train([hook])
            for metrics in hook.epochs {
                let factor = schedule.factor(step: metrics.step - 1, of: hook.steps)
                #expect(metrics.learningRate == Self.rate * factor)
            }
            #expect(Set(hook.epochs.map(\.learningRate)).count > 1)
        }
        // It is the rate of the steps, not only of the metrics.
        let rising = try self.run(kind, Rising()), constant = try self.run(kind)
        try rising.train([])
        try constant.train([])
        #expect(rising.loop.weights.map(\.tensor) != constant.loop.weights.map(\.tensor))
    }

    @Test func theModelFileNamesTheSchedule() throws {
        let folder = try TemporaryFolder()
        for (schedule, name) in [(Rising(), "Rising"), (Named(), "steps of a half")] as [(any LearningRateSchedule, String)] {
            let trainer = try Trainer(text: Self.text, options: textOptions(schedule))
            try trainer.trainEpoch()
            let path = folder.file("model.safetensors")
            try trainer.model.save(to: path)
            #expect(try CharacterModel(contentsOf: path).training?.schedule == name)
        }
    }

    @Test(arguments: Kind.allCases) func stoppedInTheMiddleAndGoneOn(_ kind: Kind) throws {
        let whole = try run(kind, Rising()), part = try run(kind, Rising())
        try whole.train([])
        let first = Recorder(stopAfter: 2), second = Recorder()
        try part.train([first])
        #expect(part.loop.isStopped && !part.loop.isFinished && part.loop.step == 2)
        #expect(first.epochs.map(\.isComplete) == [false] && first.validations.isEmpty)
        try part.train([second])
        #expect(part.loop.isFinished && first.steps + second.steps == whole.loop.step)
        #expect(part.loop.weights.map(\.tensor) == whole.loop.weights.map(\.tensor))
        #expect(part.loop.metrics?.trainLoss == whole.loop.metrics?.trainLoss)
        #expect(part.loop.metrics?.validationLoss == whole.loop.metrics?.validationLoss)
    }

    /// The steps after which the hook throws: in the middle of an epoch, the last of the first epoch, the last of all.
    @Test(arguments: Kind.allCases) func aHookThatThrowsEndsTheRun(_ kind: Kind) throws {
        let whole = try run(kind)
        try whole.train([])
        let perEpoch = whole.loop.step / 3
        for step in [2, perEpoch, 3 * perEpoch] {
            let failing = try run(kind), hook = Recorder(failAfter: step)
            #expect(throws: Recorder.Failure(step: step)) { try failing.train([hook]) }
            #expect(failing.loop.step == step && hook.steps == step)
            // The weights are those of the last step.
            #expect(failing.loop.weights.map(\.tensor) == hook.weights)
            let stopped = try run(kind)
            try stopped.train([Recorder(stopAfter: step)])
            #expect(stopped.loop.weights.map(\.tensor) == hook.weights)
            // And the run can go on.
            try failing.train([])
            #expect(failing.loop.isFinished && failing.loop.step == whole.loop.step)
            #expect(failing.loop.weights.map(\.tensor) == whole.loop.weights.map(\.tensor))
            #expect(failing.loop.metrics?.validationLoss == whole.loop.metrics?.validationLoss)
        }
    }

    /// Errors of the other methods end the run too.
    @Test func errorsOfValidationAndEpochHooks() throws {
        final class Failing: TrainingHook {
            struct Failure: Error {}
            func validationFinished(_ loop: TrainingLoop, _ validation: LossTotals) throws { throw Failure() }
        }
        let run = try run(.text)
        #expect(throws: Failing.Failure.self) { try run.train([Failing()]) }
        #expect(run.loop.epoch == 1 && !run.loop.isFinished)
        #expect(throws: Recorder.Failure.self) {
            try run.train([LambdaHook(onEpoch: { throw Recorder.Failure(step: $0.step + $1.epoch) })])
        }
        #expect(run.loop.epoch == 2)
    }
}
