import ChargenNN
import ChargenTensor
import ChargenTestSupport
import ChargenTraining
import Synchronization
import Testing

/// Fractional epochs, measurements within epochs, early stopping, the best weights and the test part.
@Suite struct MeasurementTests {
    private func tokens(_ count: Int) -> [Int32] {
        var random = RandomSource(seed: 21)
        return (0..<count).map { _ in Int32(random.next() % 17) }
    }

    private func trainer(
        _ count: Int = 2000, tokens: [Int32]? = nil, _ change: (inout TrainingOptions) -> Void = { _ in }
    ) throws -> TokenTrainer {
        var options = TrainingOptions()
        options.cell = .lstm
        options.hiddenSize = 8
        options.batchSize = 4
        options.steps = 5
        options.epochs = 2
        options.validation = 0.2
        change(&options)
        return try TokenTrainer(tokens: tokens ?? self.tokens(count), vocabularySize: 17, options: options)
    }

    /// All that hooks are told.
    private final class Recorder: TrainingHook {
        var within: [EpochMetrics] = [], ends: [EpochMetrics] = [], validations: [LossTotals] = []
        var losses: [Double] = [], recoveries: [Recovery] = [], steps = 0
        func stepFinished(_ loop: TrainingLoop) { steps += 1 }
        func measurementFinished(_ loop: TrainingLoop, _ metrics: EpochMetrics) {
            within.append(metrics)
            #expect(loop.metrics == metrics)
        }
        func epochFinished(_ loop: TrainingLoop, _ metrics: EpochMetrics) { ends.append(metrics) }
        func validationFinished(_ loop: TrainingLoop, _ validation: LossTotals) {
            validations.append(validation)
            losses += [loop.comparedLoss].compactMap { $0 }
        }
        func recovered(_ loop: TrainingLoop, _ recovery: Recovery) { recoveries.append(recovery) }
    }

    // MARK: - Epochs and measurements

    /// 80 steps an epoch.
    @Test(arguments: [(0.5, 40, 1), (1.25, 100, 2), (2, 160, 2), (0.0001, 1, 1), (60, 4800, 60)])
    func fractionsOfEpochs(_ epochs: Double, _ steps: Int, _ ends: Int) throws {
        let trainer = try self.trainer { $0.epochs = epochs }, recorder = Recorder()
        #expect(trainer.loop.progress.stepsPerEpoch == 80)
        try trainer.train(hooks: [recorder])
        #expect(trainer.step == steps && trainer.isFinished && trainer.loop.progress.share == 1)
        #expect(recorder.ends.count == ends && recorder.ends.allSatisfy { $0.isComplete && $0.isEpochEnd })
        // The end is annealed and exact, also in the middle of an epoch.
        let last = try #require(recorder.ends.last)
        #expect(last.validationIsExact && last.step == steps)
        #expect(steps == 1 || abs(last.learningRate - 1e-4) < 1e-9)
        // At least 50 measurements, evenly spread, where there are as many steps.
        let measured = (recorder.within + recorder.ends).map(\.step).sorted()
        #expect(measured.count >= min(50, steps) && Set(measured).count == measured.count)
        let gaps = zip(measured, [0] + measured).map { $0 - $1 }
        #expect(gaps.max()! - gaps.min()! <= 1)
        #expect(recorder.within.allSatisfy { $0.isComplete && !$0.isEpochEnd && $0.trainLoss > 0 && $0.gradientNorm > 0 })
    }

    /// Within an epoch, the means are those since the last measurement.
    @Test func meansSinceTheLastMeasurement() throws {
        let trainer = try self.trainer { $0.epochs = 1; $0.validation = 0 }, recorder = Recorder()
        try trainer.train(hooks: [recorder])
        let epoch = try #require(recorder.ends.first)
        var characters = 0, sum = 0.0
        for metrics in recorder.within {
            sum += metrics.trainLoss * Double(metrics.characters - characters)
            characters = metrics.characters
        }
        // What comes after the last measurement within the epoch is little.
        #expect(abs(sum / Double(characters) / epoch.trainLoss - 1) < 0.02)
        #expect(Set(recorder.within.map(\.trainLoss)).count == recorder.within.count)
    }

    /// Validation within epochs costs little, whatever the length of the text, and its figures are compared with each other.
    @Test func validationWithinEpochs() throws {
        let trainer = try self.trainer(120_000) {
            $0.batchSize = 50
            $0.steps = 20
            $0.epochs = 3
            $0.validation = 0.3
        }
        let recorder = Recorder()
        try trainer.train(hooks: [recorder])
        let within = recorder.within.filter { $0.validationLoss != nil }
        // 252,000 characters are trained, and 0.15 of them are read: 9 samples of 4,096, which 35 streams read equal parts of.
        #expect((5...9).contains(within.count), "\(within.count)")
        #expect(within.allSatisfy { !$0.validationIsExact })
        #expect(recorder.validations.dropLast().allSatisfy { [4095, 35_999].contains($0.count) })
        #expect(recorder.ends.allSatisfy { $0.validationLoss != nil })
        #expect(abs(within.last!.validationLoss! / recorder.ends.last!.validationLoss! - 1) < 0.02)
        #expect(trainer.loop.best?.step == trainer.step || !recorder.losses.isEmpty)
    }

    // MARK: - Ends

    /// Random tokens cannot be learned, so that the validation loss rises.
    @Test func earlyStoppingAndTheBestWeights() throws {
        func run(_ keep: KeptWeights, patience: Int?) throws -> (TokenTrainer, Recorder) {
            let trainer = try self.trainer(400) { $0.keep = keep; $0.epochs = 40; $0.learningRate = 0.05 }
            let recorder = Recorder(), stopping = patience.map { [EarlyStopping(patience: $0)] } ?? []
            try trainer.train(hooks: stopping + [recorder])
            return (trainer, recorder)
        }
        let (whole, all) = try run(.last, patience: nil), (best, _) = try run(.best, patience: nil)
        let lowest = try #require(whole.loop.best), last = try #require(whole.metrics?.validationLoss)
        #expect(lowest.epoch < 20 && lowest.validationLoss! < last)
        #expect(whole.epoch == 40 && best.epoch == 40 && all.validations.count >= 40)
        // The exact figure of the best weights is near their estimate, and they are the model.
        let figure = try #require(best.metrics)
        #expect(figure.validationIsExact && abs(figure.validationLoss! / lowest.validationLoss! - 1) < 0.01)
        let exact = try #require(try best.model.evaluate(Array(tokens(400).suffix(80)))).loss
        #expect(figure.validationLoss == exact)
        #expect(best.record.kept == "best" && whole.record.kept == nil)

        let (stopped, some) = try run(.best, patience: 3)
        #expect(stopped.isFinished && stopped.epoch == lowest.epoch + 3 && some.ends.last!.validationIsExact)
        #expect(stopped.model == best.model)
    }

    @Test func aHookThatFinishesTheRun() throws {
        let inside = try trainer { $0.epochs = 9 }, recorder = Recorder()
        try inside.train(hooks: [LambdaHook(onStep: { if $0.step == 100 { $0.finish() } }), recorder])
        #expect(inside.isFinished && inside.step == 100 && inside.epoch == 2)
        #expect(recorder.ends.last?.validationIsExact == true && recorder.ends.last?.isComplete == true)
        let after = try trainer { $0.epochs = 9 }
        try after.train(hooks: [LambdaHook(onEpoch: { loop, metrics in if metrics.epoch == 2 { loop.finish() } })])
        #expect(after.isFinished && after.epoch == 2 && after.metrics?.validationIsExact == true)
    }

    /// The test's text is behind the validation text, and only the final figure depends on it.
    @Test func theTestPart() throws {
        func run(_ tokens: [Int32]) throws -> TokenTrainer {
            let trainer = try self.trainer(tokens: tokens) { $0.test = 0.15 }
            try trainer.train()
            return trainer
        }
        let tokens = tokens(2000), other = tokens[..<1700] + (0..<300).map { Int32($0 % 3) }
        let trainer = try run(tokens), changed = try run(Array(other))
        #expect(trainer.plan.testCharacters == 300 && trainer.plan.validationCharacters == 400)
        #expect(trainer.plan.trainingCharacters == 1300)
        let exact = try #require(try trainer.model.evaluate(Array(tokens[1700...]))).loss
        #expect(trainer.metrics?.testLoss == exact && trainer.record.testLoss == exact)
        #expect(trainer.record.testCharacters == 300)
        let validation = try #require(try trainer.model.evaluate(Array(tokens[1300..<1700]))).loss
        #expect(validation == trainer.metrics?.validationLoss)
        #expect(changed.model == trainer.model && changed.metrics?.testLoss != exact)
        #expect(changed.metrics?.validationLoss == trainer.metrics?.validationLoss)
    }

    // MARK: - Recovery

    /// A gradient that is not finite in some steps: the run goes back, with half the rate, and ends well.
    @Test func goesBackToTheLastGoodState() throws {
        let trainer = try self.trainer(), recorder = Recorder()
        var good: [Float] = [], restored: [Float] = []
        let poison = LambdaHook(onStep: { loop in
            if loop.step == 64 { good = loop.network.parameters.flat.values }
            if loop.step == 71 {
                loop.network.parameters.flat.fill(.nan)
                loop.network.parametersChanged()
            }
        })
        final class Restored: TrainingHook {
            let body: (TrainingLoop) -> Void
            init(_ body: @escaping (TrainingLoop) -> Void) { self.body = body }
            func recovered(_ loop: TrainingLoop, _ recovery: Recovery) { body(loop) }
        }
        try trainer.train(hooks: [recorder, poison, Restored { restored = $0.network.parameters.flat.values }])
        let recovery = try #require(recorder.recoveries.first)
        #expect(recorder.recoveries.count == 1 && recovery.step == 72 && recovery.goodStep == 64)
        #expect(recovery.learningRateFactor == 0.5 && recovery.number == 1 && recovery.limit == 3)
        #expect(!good.isEmpty && restored == good)
        #expect(trainer.isFinished && trainer.step == 160 && recorder.steps == 160 && trainer.record.recoveries == 1)
        #expect(abs(trainer.metrics!.learningRate - 0.5e-4) < 1e-9)
        #expect(try #require(trainer.metrics?.validationLoss).isFinite)
    }

    @Test func givesUpAfterThreeTimes() throws {
        let trainer = try self.trainer(), recorder = Recorder()
        let poison = LambdaHook(onStep: { loop in
            guard loop.step > 70 else { return }
            loop.network.parameters.flat.fill(.nan)
            loop.network.parametersChanged()
        })
        do {
            try trainer.train(hooks: [recorder, poison])
            Issue.record("the run did not give up")
        } catch TrainingError.diverged(let epoch, let step, let rate) {
            #expect(epoch == 1 && step == trainer.step + 1 && rate < 1e-2 / 7)
        }
        #expect(recorder.recoveries.map(\.number) == [1, 2, 3])
        #expect(recorder.recoveries.map(\.learningRateFactor) == [0.5, 0.25, 0.125])
        let parameters = trainer.loop.network.parameters.flat.values
        #expect(parameters.allSatisfy { $0.isFinite })
    }

    /// A loss that explodes but stays finite: the weights are suddenly a hundred times as large.
    @Test func anExplosion() throws {
        var random = RandomSource(seed: 4)
        // Runs of one token, which are learned quickly.
        let tokens = (0..<500).flatMap { _ in [Int32](repeating: Int32(random.next() % 17), count: 8) }
        let trainer = try self.trainer(tokens: tokens) { $0.epochs = 3 }, recorder = Recorder()
        let explosion = LambdaHook(onStep: { loop in
            guard loop.step == 200 else { return }
            loop.network.parameters.flat.assign(loop.network.parameters.flat.values.map { -60 * $0 })
            loop.network.parametersChanged()
        })
        try trainer.train(hooks: [recorder, explosion])
        #expect(recorder.recoveries.count == 1)
        let recovery = try #require(recorder.recoveries.first)
        #expect(recovery.goodStep <= 200 && (201...230).contains(recovery.step), "\(recovery)")
        #expect(trainer.isFinished && trainer.metrics!.validationLoss! < 1.5)
    }

    // MARK: - The clock

    /// A clock that goes on by some milliseconds each time it is read.
    private final class Clock: Sendable {
        private let time = Mutex(ContinuousClock.now)
        let start: ContinuousClock.Instant
        init() { start = time.withLock { $0 } }
        func read(_ step: Duration) -> ContinuousClock.Instant {
            time.withLock {
                $0 = $0.advanced(by: step)
                return $0
            }
        }
        var elapsed: Duration { time.withLock { start.duration(to: $0) } }
    }

    @Test(arguments: [false, true]) func theRunFollowsTheClock(_ isLate: Bool) throws {
        let clock = Clock(), recorder = Recorder()
        let trainer = try self.trainer {
            $0.epochs = 1
            $0.time = .seconds(10)
            // Some of the time is over before the first step.
            $0.startTime = clock.start.advanced(by: isLate ? .seconds(-4) : .zero)
            $0.reserve = .milliseconds(500)
            $0.now = { clock.read(.milliseconds(2)) }
        }
        #expect(trainer.loop.epochs == .infinity && trainer.loop.progress.share == 0)
        try trainer.train(hooks: [recorder])
        let elapsed = clock.elapsed, limit = Duration.seconds(isLate ? 6 : 10)
        #expect(elapsed <= limit - .milliseconds(500) && elapsed > limit * 0.85, "\(elapsed)")
        #expect(trainer.isFinished && trainer.epoch > 1 && trainer.loop.progress.share == 1)
        let last = try #require(recorder.ends.last)
        #expect(last.learningRate < 2e-4 && last.isComplete && last.validationIsExact)
        #expect(recorder.within.first!.learningRate > 0.98e-2)
        #expect(recorder.within.count + recorder.ends.count >= 50)
        #expect(trainer.record.timeLimit == 10 && trainer.record.validationLoss != nil)
    }

    /// An exact figure that would take too long is left out.
    @Test func estimatesWhereTheTimeIsShort() throws {
        let clock = Clock()
        let trainer = try self.trainer(20_000) {
            $0.validation = 0.5
            $0.test = 0.1
            $0.time = .seconds(1)
            $0.startTime = clock.start
            // 512 characters take 20 ms and 10,000 as many as 0.4 s: more than a tenth.
            $0.now = { clock.read(.milliseconds(20)) }
        }
        try trainer.train()
        let metrics = try #require(trainer.metrics)
        #expect(!metrics.validationIsExact && metrics.validationLoss != nil && metrics.testIsExact == false)
        #expect(metrics.testLoss != nil && trainer.record.validationLoss == nil && trainer.record.testLoss == nil)
        #expect(trainer.isFinished && trainer.step > 1)
    }
}
