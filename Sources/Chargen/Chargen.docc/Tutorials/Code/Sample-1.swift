import Chargen

let model = try CharacterModel(contentsOf: "model.safetensors")
print(try model.generate(prefix: "The river", length: 200, seed: 7))
