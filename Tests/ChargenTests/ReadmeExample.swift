// The library example of the README, kept here so that it compiles. A test compares the two.
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
