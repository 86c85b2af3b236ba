import Chargen

let all = try LabelledTexts(contentsOf: "corpora/reviews.tsv")
var random = RandomSource(seed: 1)
let (training, heldOut) = all.split(heldOut: 0.2, using: &random)

var options = ClassifierOptions()
options.epochs = 12
let trainer = try ClassifierTrainer(
    texts: training.texts, labels: training.labels, labelNames: all.labelNames, options: options,
    heldOut: (heldOut.texts, heldOut.labels))
print(trainer.summary)

let report = LambdaHook(onEpoch: { _, metrics in
    print("epoch", metrics.epoch, "held-out accuracy", metrics.validationAccuracy ?? 0)
})
try trainer.train(hooks: [report])
