// The library examples of the README, kept here so that they compile. A test compares them.
import Chargen

func readmeExample() throws {
    let corpus = try Corpus(path: "corpora/lyrics-en.zip")
    var options = TrainingOptions()
    options.hiddenSize = 128
    let trainer = try Trainer(text: corpus.text, options: options)
    while !trainer.isFinished {
        print(try trainer.trainEpoch().perplexity)
    }
    try ModelFile(model: trainer.model, training: trainer.record).write(to: "model.safetensors")
    print(try trainer.model.generate(prefix: "The river", length: 200, seed: 7))
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
