import Chargen

let corpus = try Corpus(path: "corpora/lyrics-en.zip")
print(corpus.characterCount, "characters,", corpus.distinctCharacters, "different ones")

var options = TrainingOptions()
options.hiddenSize = 128
options.validation = 0.1
let trainer = try Trainer(text: corpus.text, options: options)

let report = LambdaHook(onEpoch: { _, metrics in
    print("epoch", metrics.epoch, "perplexity", metrics.perplexity, "held-out loss", metrics.validationLoss ?? 0)
})
try trainer.train(hooks: [report])
