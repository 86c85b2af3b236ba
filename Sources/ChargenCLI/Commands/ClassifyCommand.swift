import ArgumentParser

/// `chargen classify`
struct ClassifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "classify",
        abstract: "Learn to tell the labels of texts, and tell them.",
        discussion: """
            Examples:
              chargen classify train corpora/reviews.tsv
              chargen classify predict classifier.safetensors "hardly a dull moment"
            """,
        subcommands: [ClassifyTrainCommand.self, ClassifyPredictCommand.self]
    )
}

/// The classifier that a command means where none is named.
let defaultClassifierPath = "classifier.safetensors"
