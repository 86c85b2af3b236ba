import Chargen

let all = try LabelledTexts(contentsOf: "corpora/reviews.tsv")
var random = RandomSource(seed: 1)
let (training, heldOut) = all.split(heldOut: 0.2, using: &random)
