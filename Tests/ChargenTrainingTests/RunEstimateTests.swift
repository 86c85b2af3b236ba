import ChargenNN
import ChargenTensor
import ChargenTestSupport
import ChargenTraining
import Synchronization
import Testing

/// The memory and the time that a run is said to need.
@Suite struct RunEstimateTests {
    private func tokens(_ count: Int, below V: Int) -> [Int32] {
        var random = RandomSource(seed: 8)
        return (0..<count).map { _ in Int32(random.next() % UInt64(V)) }
    }

    private func options(_ cell: RNNConfiguration.Cell) -> TrainingOptions {
        var options = TrainingOptions()
        options.cell = cell
        options.hiddenSize = 96
        options.batchSize = 12
        options.steps = 35
        options.epochs = 0.4
        options.validation = 0.2
        return options
    }

    /// A kind of run.
    struct Run: CustomTestStringConvertible {
        let testDescription: String
        var cell = RNNConfiguration.Cell.lstm
        var precisions: [Precision] = [.float32, .bfloat16]
        let change: @Sendable (inout TrainingOptions) -> Void
    }

    static let runs = RNNConfiguration.Cell.allCases.map { cell in
        Run(testDescription: "\(cell)", cell: cell) { $0.layers = 1 }
    } + [
        Run(testDescription: "layers, dropout", cell: .lstm) {
            ($0.layers, $0.dropout, $0.recurrentDropout) = (3, 0.3, 0.2)
        },
        Run(testDescription: "embedding, norm", cell: .gru) { ($0.embeddingSize, $0.layerNorm, $0.layers) = (50, true, 2) },
        Run(testDescription: "copies", cell: .mlstm) { ($0.average, $0.accumulate, $0.keep) = (0.1, 2, .best) },
        Run(testDescription: "no recovery, no held-out text", cell: .rnn) {
            ($0.recoveries, $0.validation, $0.optimizer) = (0, 0, .sgd)
        },
        Run(testDescription: "long batches", cell: .lstm) { ($0.steps, $0.batchSize, $0.jitter, $0.epochs) = (240, 25, 0.5, 3) },
    ]

    /// The memory that a backend hands out during a run is what the estimate says, but for a small part.
    @Test(arguments: runs) func memory(_ run: Run) throws {
        for precision in run.precisions {
            var options = options(run.cell)
            run.change(&options)
            options.precision = precision
            options.device = .cpu(threads: 2)
            let V = 61, trainer = try TokenTrainer(
                tokens: tokens(24_000, below: V), vocabularySize: V, options: options, profiled: true)
            let memory = trainer.memory()
            try trainer.train()
            let used = try #require(trainer.loop.network.backend.profile).peakBytes
            let told = memory.parameters + memory.gradients + memory.optimizer + memory.copies + memory.packedKernels
                + memory.activations
            let ratio = Double(told) / Double(used)
            #expect(0.85...1.3 ~= ratio, "\(told) of \(used) bytes: \(ratio) in \(precision)")
            #expect(memory.tokens == 4 * 24_000 && memory.peak >= told)
            #expect((memory.counting > 0) == (options.validation != 0))
            #expect(trainer.memory(countsBaseline: false).counting == 0)
        }
    }

    /// A clock that goes on by a hundredth of a second each time that it is read.
    private func ticking() -> @Sendable () -> ContinuousClock.Instant {
        let start = ContinuousClock.now
        final class Count: Sendable { let value = Atomic(0) }
        let count = Count()
        return { start + .milliseconds(10 * count.value.add(1, ordering: .relaxed).newValue) }
    }

    /// 15 steps of 12 × 35 in an epoch, the last of which is shorter; each step takes a hundredth of a second.
    @Test func time() throws {
        var options = options(.lstm)
        options.epochs = 30
        options.test = 0.1
        options.now = ticking()
        let trainer = try TokenTrainer(tokens: tokens(9_000, below: 7), vocabularySize: 7, options: options)
        let estimate = try trainer.estimate(seconds: 0.6)
        #expect(abs(estimate.charactersPerSecond / (100 * 12 * 35) - 1) < 0.05)
        #expect(abs(estimate.trainingSeconds / 4.5 - 1) < 0.05 && estimate.epochs == 30)
        #expect(estimate.readingSeconds > 0 && estimate.countingSeconds > 0)
        #expect(estimate.seconds == estimate.trainingSeconds + estimate.readingSeconds + estimate.countingSeconds)
        let withoutCounting = try trainer.estimate(countsBaseline: false, seconds: 0.6)
        #expect(withoutCounting.countingSeconds == 0 && withoutCounting.memory.counting == 0)

        // With a time limit, as many epochs as fit.
        options.epochs = nil
        options.time = .seconds(10)
        let timed = try TokenTrainer(tokens: tokens(9_000, below: 7), vocabularySize: 7, options: options)
        let limited = try timed.estimate(seconds: 0.6)
        #expect(limited.seconds <= 10.001 && limited.trainingSeconds > 5)
        #expect(abs(limited.epochs * 0.15 / limited.trainingSeconds - 1) < 0.05)

        // Where exact figures would take longer than a tenth of the time, the last ones are estimates too.
        options.time = .seconds(0.2)
        let short = try TokenTrainer(tokens: tokens(9_000, below: 7), vocabularySize: 7, options: options).estimate(seconds: 0.6)
        #expect(short.readingSeconds < limited.readingSeconds && short.seconds <= 0.2001 && short.trainingSeconds > 0)

        options.time = .seconds(10)
        options.validation = 0
        options.test = 0
        let all = try TokenTrainer(tokens: tokens(9_000, below: 7), vocabularySize: 7, options: options).estimate(seconds: 0.1)
        #expect(all.readingSeconds == 0 && all.countingSeconds == 0 && abs(all.seconds - 10) < 1e-6)
    }

    /// The steps that are measured leave no trace.
    @Test func nothingIsTrained() throws {
        var options = options(.mlstm)
        (options.average, options.offset, options.jitter, options.dropout) = (0.2, true, 0.3, 0.2)
        options.epochs = 2
        let text = tokens(3_000, below: 9)
        func trainer() throws -> TokenTrainer { try TokenTrainer(tokens: text, vocabularySize: 9, options: options) }
        let (estimated, other) = (try trainer(), try trainer())
        _ = try estimated.estimate(seconds: 0)
        #expect(estimated.step == 0 && estimated.epoch == 0 && estimated.metrics == nil && !estimated.isFinished)
        #expect(estimated.model == other.model)
        try estimated.train()
        try other.train()
        #expect(estimated.model == other.model && estimated.loop.metrics?.validationLoss == other.loop.metrics?.validationLoss)
    }
}
