// The library examples of the README, kept here so that they compile. A test compares them with the README, where the files are
// in the current folder, and runs them.
import Chargen

func readmeExample(text: String, other: String, folder: String) async throws {
    let trainer = try Trainer(text: text)                     // a String
    try trainer.train()
    let model = trainer.model
    for character in try model.stream(after: "The ", seed: 1).prefix(200) { print(character, terminator: "") }
    for try await character in try model.characters(after: "The ").prefix(200) {  // can be cancelled
        print(character, terminator: "")
    }
    try model.save(to: "\(folder)/model.safetensors")

    let loaded = try CharacterModel(contentsOf: "\(folder)/model.safetensors")
    let state = try loaded.read("Once upon a time")           // a value; fork it
    for seed in 1...3 { print(String(try loaded.stream(from: state, seed: UInt64(seed)).prefix(40))) }
    print(try loaded.score("Once upon a time").perCharacter)  // log-probabilities
    let more = try Trainer(continuing: loaded, text: other)
    try more.train()
}

func readmeFilter(model: CharacterModel) throws {
    /// Makes characters less probable that occurred lately.
    struct RepetitionPenalty: LogitsFilter {
        func apply(to logits: inout [Float], _ context: inout FilterContext) {
            for token in Set(context.recentTokens.suffix(8)) { logits[Int(token)] -= 0.5 }
        }
    }
    let options = SamplingOptions(temperature: 0.7, topK: 20)
    let text = try model.generate(
        prefix: "The ", options: options, filters: [RepetitionPenalty()], seed: 7, device: .cpu(threads: 1))
    print(text)
}

func readmeLayers() throws {
    let model = try Sequential([
        Embedding(inputDim: 5000, outputDim: 30, maskZero: true),
        LSTM(units: 128, returnSequences: true, dropout: 0.2),
        Bidirectional(GRU(units: 64)),
        Dense(units: 32, activation: .relu),
        Dropout(rate: 0.5),
        Dense(units: 1, activation: .sigmoid),
    ])
    print(model.summary())
    let padded = padSequences([[12, 7, 430], [3, 99]], padding: .post)
    let history = try model.fit(
        .tokens(padded.tokens, count: padded.count), Tensor(shape: [2, 1], values: [1, 0]),
        loss: .binaryCrossentropy, options: FitOptions(epochs: 20))
    print(history.last!.trainLoss, try model.predict(.tokens([[12, 7, 430]])).values)
}

func readmeFit() throws {
    /// Stops the training when the validation loss has not fallen for three epochs.
    final class EarlyStopping: TrainingHook {
        func epochFinished(_ loop: TrainingLoop, _ metrics: EpochMetrics) {
            if let best = loop.best, metrics.epoch >= best.epoch + 3 { loop.stop() }
        }
    }
    /// Lets the learning rate fall with the square root of the number of steps.
    struct InverseRoot: LearningRateSchedule {
        func factor(step: Int, of total: Int) -> Double { 1 / Double(step + 1).squareRoot() }
    }
    let model = try Sequential([
        Embedding(inputDim: 100, outputDim: 16, maskZero: true), LSTM(units: 32), Dense(units: 2, activation: .softmax),
    ])
    var options = FitOptions(epochs: 100, batchSize: 2)
    options.optimizer = .adamw
    options.weightDecay = 0.1
    options.schedule = WarmupSchedule(share: 0.1, before: InverseRoot())
    let history = try model.fit(
        .tokens([[12, 7, 43], [3, 99], [5, 6, 7, 8], [9]]), Tensor(shape: [4], values: [1, 0, 1, 0]),
        loss: .sparseCategoricalCrossentropy, options: options,
        sampleWeight: Tensor(shape: [4], values: [1, 1, 0.5, 1]), classWeight: [1: 2],
        validation: (.tokens([[12, 43], [3, 3, 9]]), Tensor(shape: [2], values: [1, 0])), hooks: [EarlyStopping()])
    print(history.count, history.last!.validationAccuracy!)
}

func readmeState() throws {
    let inputs = Tensor(shape: [8, 5, 3], values: (0..<120).map { Float($0 % 7) }), targets = Tensor(zeros: [8, 1])
    func makeLoop() throws -> TrainingLoop {
        let model = try Sequential([GRU(units: 16), Dense(units: 1)], inputSize: 3)
        return try model.trainingLoop(
            .values(inputs), targets, loss: .meanSquaredError, options: FitOptions(epochs: 20))
    }
    let first = try makeLoop(), second = try makeLoop()
    try first.trainEpoch()
    let state: TrainingState = first.state
    try second.restore(state)
    try second.train()
    print(second.epoch, second.metrics!.trainLoss)
}
