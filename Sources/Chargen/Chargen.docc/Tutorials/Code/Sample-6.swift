import Chargen

let model = try CharacterModel(contentsOf: "model.safetensors")
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
