// The programs of the tutorial (`Sources/Chargen/Chargen.docc/Tutorials`), kept here so that they compile. A test compares them
// with the tutorial, where the files are in the current folder, and runs them.
import Chargen

func tutorialTrain(folder: String) throws {
    let corpus = try Corpus(path: "\(folder)/corpora/lyrics-en.zip")
    print(corpus.characterCount, "characters,", corpus.distinctCharacters, "different ones")

    var options = TrainingOptions()
    options.hiddenSize = 128
    options.validation = 0.1
    let trainer = try Trainer(text: corpus.text, options: options)

    let report = LambdaHook(onEpoch: { _, metrics in
        print("epoch", metrics.epoch, "perplexity", metrics.perplexity, "held-out loss", metrics.validationLoss ?? 0)
    })
    try trainer.train(hooks: [report])

    let model = trainer.model
    try model.save(to: "\(folder)/model.safetensors")
}

func tutorialSample(folder: String) async throws {
    let model = try CharacterModel(contentsOf: "\(folder)/model.safetensors")
    print(try model.generate(prefix: "The river", length: 200, seed: 7))

    for character in try model.stream(after: "The river", seed: 7).prefix(200) {
        print(character, terminator: "")
    }

    for try await character in try model.characters(after: "The river", seed: 7).prefix(200) {
        print(character, terminator: "")
    }

    /// Makes characters less probable that occurred lately.
    struct RepetitionPenalty: LogitsFilter {
        func apply(to logits: inout [Float], _ context: inout FilterContext) {
            for token in Set(context.recentTokens.suffix(8)) { logits[Int(token)] -= 0.5 }
        }
    }
    let options = SamplingOptions(temperature: 0.6, topK: 10)
    print(try model.generate(prefix: "The river", options: options, filters: [RepetitionPenalty()], seed: 7))

    let state = try model.read("The river")
    for seed in 1...3 {
        print(String(try model.stream(from: state, seed: UInt64(seed)).prefix(60)))
    }

    let line = " runs to the sea"
    let score = try model.score(line, after: "The river")
    for (character, logProbability) in zip(line, score.perCharacter) {
        print(character, logProbability)
    }
    print(score.evaluation.bitsPerCharacter, "bits per character")
}

func tutorialClassify(folder: String) throws {
    let all = try LabelledTexts(contentsOf: "\(folder)/corpora/reviews.tsv")
    var random = RandomSource(seed: 1)
    let (training, heldOut) = all.split(heldOut: 0.2, using: &random)

    var options = ClassifierOptions()
    options.epochs = 12
    let trainer = try ClassifierTrainer(
        texts: training.texts, labels: training.labels, labelNames: all.labelNames, options: options,
        heldOut: (heldOut.texts, heldOut.labels))
    print(trainer.summary)

    let report = LambdaHook(onEpoch: { _, metrics in
        print("epoch", metrics.epoch, "held-out accuracy", metrics.validationAccuracy ?? 0)
    })
    try trainer.train(hooks: [report])

    let predictions = try trainer.classifier.predict(heldOut.texts)
    let table = ConfusionTable(
        labelNames: all.labelNames, actual: heldOut.labels,
        predicted: predictions.map { all.labelNames.firstIndex(of: $0.label)! })
    print(table.counts, table.accuracy)

    try trainer.classifier.save(to: "\(folder)/classifier.safetensors")
    let classifier = try TextClassifier(contentsOf: "\(folder)/classifier.safetensors")
    for prediction in try classifier.predict(["a friendly staff, but the room was dirty and cold"]) {
        print(prediction.label, prediction.probabilities)
    }
}
