import Chargen

let corpus = try Corpus(path: "corpora/lyrics-en.zip")
print(corpus.characterCount, "characters,", corpus.distinctCharacters, "different ones")

var options = TrainingOptions()
options.hiddenSize = 128
options.validation = 0.1
let trainer = try Trainer(text: corpus.text, options: options)
