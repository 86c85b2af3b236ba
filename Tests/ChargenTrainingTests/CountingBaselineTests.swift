import ChargenNGrams
import ChargenTestSupport
import ChargenText
import ChargenTraining
import Testing

/// The n-gram model beside the validation of a run: what it reads within its limits, and where its loss is kept.
@Suite struct CountingBaselineTests {
    private let vocabulary = Vocabulary(text: sampleText(count: 3300))
    private let training: [Int32], heldOut: [Int32]

    init() throws {
        let tokens = try vocabulary.encode(sampleText(count: 3300))
        (training, heldOut) = (Array(tokens[..<3000]), Array(tokens[3000...]))
    }

    private func baseline(seconds: Double?, memoryLimit: Int = CountingBaseline.memoryLimit) throws -> CountingBaseline {
        try CountingBaseline(
            training: training, heldOut: heldOut, vocabularySize: vocabulary.count, seconds: seconds, memoryLimit: memoryLimit)
    }

    /// Seconds, the order that they allow, and the training and held-out tokens that are read in them.
    @Test(arguments: [
        (nil, 7, 3000, 300), (1.36e-3, 7, 3000, 300), (1e-3, 6, 3000, 300), (5e-4, 5, 3000, 300), (2.05e-4, 5, 1150, 300),
        (6.02e-5, 5, 301, 100), (0, 5, 0, 1), (-1, 5, 0, 1),
    ] as [(Double?, Int, Int, Int)])
    func readsAsMuchAsTheTimeAllows(_ seconds: Double?, _ order: Int, _ read: Int, _ predicted: Int) throws {
        let baseline = try baseline(seconds: seconds)
        #expect(baseline.order == order && baseline.evaluation.characters == predicted)
        #expect(abs(baseline.trainingTokens - read) <= 1)
        #expect(baseline.isTrainingTextLimited == (read < 3000) && baseline.isHeldOutTextLimited == (predicted < 300))
        let model = try NGramModel(
            tokens: training, vocabularySize: vocabulary.count, order: order, tokenLimit: baseline.trainingTokens)
        #expect(baseline.evaluation == (try model.evaluate(heldOut[..<predicted], after: training)))
    }

    @Test func readsAsMuchAsTheMemoryAllows() throws {
        let baseline = try baseline(seconds: nil, memoryLimit: 100_000)
        #expect(baseline.isTrainingTextLimited && baseline.trainingTokens > 100)
    }

    /// Long texts: lengths of both parts, seconds, and what is read.
    @Test func longTexts() {
        typealias Extent = CountingBaseline.Extent
        #expect(Extent(training: 10_000_000, heldOut: 1_000_000, seconds: .infinity).order == 7)
        #expect(Extent(training: 10_000_001, heldOut: 1_000_000, seconds: .infinity).order == 6)
        let limited = Extent(training: 20_000_000, heldOut: 2_000_000, seconds: 2)
        #expect(limited.order == 6 && limited.heldOut == 2_000_000 && abs(limited.training - 6_000_000) <= 1)
        let short = Extent(training: 20_000_000, heldOut: 2_000_000, seconds: 0.3)
        #expect(short.order == 5 && abs(short.training - 1_500_000) <= 1 && abs(short.heldOut - 500_000) <= 1)
    }

    /// The baseline of a run is that of its two parts, and goes into the record of the model.
    @Test(arguments: TrainingOptions.Batching.allCases) func ofARun(_ batching: TrainingOptions.Batching) throws {
        var options = TrainingOptions()
        options.cell = .gru
        options.hiddenSize = 8
        options.batching = batching
        options.validation = 300 / 3300.0 + 1e-9
        let trainer = try Trainer(text: sampleText(count: 3300), options: options)
        #expect(trainer.tokens.plan.validationCharacters == 300 && trainer.baseline == nil)
        #expect(trainer.model.training?.baselineLoss == nil)
        let found = try #require(try trainer.computeBaseline())
        #expect(found == (try baseline(seconds: nil)) && trainer.baseline == found)
        let record = try #require(trainer.model.training)
        #expect(record.baselineLoss == found.evaluation.loss && record.baselineOrder == 7)
        #expect(try trainer.computeBaseline(seconds: 5e-4) == (try baseline(seconds: 5e-4)))

        options.validation = 0
        let whole = try Trainer(text: sampleText(count: 3300), options: options)
        #expect(try whole.computeBaseline() == nil && whole.baseline == nil)
    }
}
