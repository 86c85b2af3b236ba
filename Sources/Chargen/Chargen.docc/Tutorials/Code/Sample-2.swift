import Chargen

let model = try CharacterModel(contentsOf: "model.safetensors")
print(try model.generate(prefix: "The river", length: 200, seed: 7))

for character in try model.stream(after: "The river", seed: 7).prefix(200) {
    print(character, terminator: "")
}
