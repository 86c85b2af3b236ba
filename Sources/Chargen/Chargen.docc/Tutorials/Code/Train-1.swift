import Chargen

let corpus = try Corpus(path: "corpora/lyrics-en.zip")
print(corpus.characterCount, "characters,", corpus.distinctCharacters, "different ones")
