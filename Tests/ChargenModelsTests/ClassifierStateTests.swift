import Chargen
import Foundation
import Testing

/// The training of a classifier, interrupted and taken up again.
@Suite struct ClassifierStateTests {
    /// Texts of 1 to 24 words.
    private static let texts: [String] = (1...37).map { (number: Int) -> String in
        let words = ["sun", "rain", "joy", "grief", "wind"], count = number * 7 % 24 + 1
        return (0..<count).map { (place: Int) -> String in words[(place * number + place / 3) % 5] }.joined(separator: " ")
    }

    private func trainer(threads: Int, seed: UInt64 = 3, hiddenSize: Int = 9) throws -> ClassifierTrainer {
        var options = ClassifierOptions()
        options.configuration.hiddenSize = hiddenSize
        options.configuration.embeddingSize = 6
        options.configuration.bidirectional = true
        options.configuration.denseSize = 5
        options.dropout = 0.25
        options.recurrentDropout = 0.1
        options.epochs = 4
        options.batchSize = 8
        options.classWeight = [0: 1.5]
        options.seed = seed
        options.device = .cpu(threads: threads)
        let labels = Self.texts.indices.map { $0 % 3 == 0 ? 1 : 0 }
        return try ClassifierTrainer(
            texts: Self.texts, labels: labels, labelNames: ["dark", "light"], options: options,
            heldOut: (Array(Self.texts[..<11]), Array(labels[..<11])))
    }

    /// Inside an epoch, and across the end of one.
    @Test(arguments: [2, 9]) func goesOn(_ pause: Int) throws {
        let whole = try trainer(threads: 1), first = try trainer(threads: 2), second = try trainer(threads: 1)
        try whole.train()
        try first.train(hooks: [LambdaHook(onStep: { if $0.step == pause { $0.stop() } })])
        var state = try JSONDecoder().decode(TrainingState.self, from: JSONEncoder().encode(first.loop.state))
        state.tensors = first.loop.state.tensors
        #expect(state == first.loop.state && state.batch > 0 && state.step == pause)
        try second.loop.restore(state)
        #expect(second.classifier == first.classifier && second.classifier != whole.classifier)
        try second.train()
        #expect(second.classifier == whole.classifier)
        #expect(second.loop.state.tensors == whole.loop.state.tensors)
        let (found, expected) = (try #require(second.metrics), try #require(whole.metrics))
        #expect(found.trainLoss == expected.trainLoss && found.accuracy == expected.accuracy)
        #expect(found.gradientNorm == expected.gradientNorm && found.learningRate == expected.learningRate)
        #expect(found.validationLoss == expected.validationLoss && found.validationIsExact)
        #expect(found.step == expected.step && found.characters == expected.characters)
        #expect(second.loop.best?.epoch == whole.loop.best?.epoch)
    }

    @Test func refusesOtherRuns() throws {
        let trained = try trainer(threads: 1)
        try trained.trainEpoch()
        for other in [try trainer(threads: 1, seed: 4), try trainer(threads: 1, hiddenSize: 10)] {
            let before = other.loop.state
            #expect(throws: TrainingError.self) { try other.loop.restore(trained.loop.state) }
            #expect(other.loop.state == before)
        }
    }
}
