import Chargen
import ChargenTestSupport
import Foundation
import Testing

/// The labelled texts that come with the project: a task that order decides, and that a recurrent network learns.
@Suite struct ShippedDataTests {
    private func data(_ name: String) throws -> (training: LabelledTexts, heldOut: LabelledTexts) {
        let corpora = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("corpora")
        var random = RandomSource(seed: 0, stream: 3)
        return try LabelledTexts(contentsOf: corpora.appendingPathComponent(name).path).split(heldOut: 0.2, using: &random)
    }

    /// How many of the held-out texts a logistic regression over counts of words classifies correctly.
    private func bagOfWords(_ data: (training: LabelledTexts, heldOut: LabelledTexts)) throws -> Double {
        let vocabulary = TokenVocabulary(texts: data.training.texts, unit: .words, minimumCount: 2)
        func counts(_ texts: LabelledTexts) -> (LayerInput, Tensor) {
            var values = [Float](repeating: 0, count: texts.count * vocabulary.count)
            for (row, text) in texts.texts.enumerated() {
                for token in vocabulary.encode(text) { values[row * vocabulary.count + Int(token)] += 1 }
            }
            return (
                .values(Tensor(shape: [texts.count, vocabulary.count], values: values)),
                Tensor(shape: [texts.count, 1], values: texts.labels.map { Float($0) })
            )
        }
        let model = try Sequential(
            [Dense(units: data.training.labelNames.count, activation: .softmax)], inputSize: vocabulary.count)
        let (inputs, targets) = counts(data.training), (others, answers) = counts(data.heldOut)
        // The best of all epochs, so the baseline is rather too good.
        let history = try model.fit(
            inputs, targets, loss: .sparseCategoricalCrossentropy, options: FitOptions(epochs: 30, learningRate: 3e-3),
            validation: (others, answers))
        return history.compactMap(\.validationAccuracy).max()!
    }

    @Test(arguments: [("reviews.tsv", 0.78), ("emoji.tsv", 0.89)])
    func aClassifierTellsWhatABagOfWordsCannot(_ name: String, _ most: Double) throws {
        let data = try data(name)
        let trainer = try ClassifierTrainer(
            texts: data.training.texts, labels: data.training.labels, labelNames: data.training.labelNames,
            heldOut: (data.heldOut.texts, data.heldOut.labels))
        try trainer.train()
        let accuracy = trainer.metrics!.validationAccuracy!, baseline = try bagOfWords(data)
        #expect(accuracy >= 0.9, "\(accuracy)")
        #expect(baseline < most && baseline < accuracy, "\(baseline)")
        print("\(name): \(accuracy) of the held-out texts, a bag of words \(baseline)")
    }
}
