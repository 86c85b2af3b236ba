import ArgumentParser

/// `chargen classify`
struct ClassifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "classify",
        abstract: "Train and use text classifiers.",
        discussion: """
            Examples:
              chargen classify train corpora/reviews.tsv
              chargen classify predict classifier.safetensors "hardly a dull moment"
            """,
        subcommands: [ClassifyTrainCommand.self, ClassifyPredictCommand.self]
    )
}

/// The path of the classifier if the arguments do not name one.
let defaultClassifierPath = "classifier.safetensors"
