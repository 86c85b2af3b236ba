import ArgumentParser
import Chargen

/// `chargen classify train`
struct ClassifyTrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Learn from labelled texts, write a classifier.",
        discussion: """
            Each line of the file has a text, a tab and its label. A part is held out, as every label has its share, to \
            measure on; the table shows for each label (rows) what the classifier told (columns). Needs no options. \
            Ctrl-C finishes the step, saves the classifier as it is and exits with 130.

            Examples:
              chargen classify train corpora/reviews.tsv
              chargen classify train moods.zip --cell gru --bidirectional --layers 2
              chargen classify train corpora/emoji.tsv --embeddings corpora/vectors.txt
            """
    )

    @Argument(help: "Labelled texts: a file of lines (text, tab, label), or a zip of such.", completion: .file())
    var labelled: String

    @Option(
        name: [.customShort("o"), .long], parsing: .unconditional, help: "Where the classifier goes.",
        completion: .file())
    var output: String = defaultClassifierPath

    @Option(
        parsing: .unconditional,
        help: "What a token is: words or characters (default: words where the texts have spaces).")
    var unit: TextUnit?

    @Option(parsing: .unconditional, help: "Recurrent cell: lstm, gru or rnn.")
    var cell: RNNConfiguration.Cell = .lstm

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Units of each recurrent layer and direction, 1 to 16384.", valueName: "H"))
    var hidden: Int = ClassifierConfiguration().hiddenSize

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Recurrent layers, one on top of the other, 1 to 64.", valueName: "L"))
    var layers: Int = ClassifierConfiguration().layers

    @Flag(help: "Read each text from both ends.")
    var bidirectional = false

    @Option(parsing: .unconditional, help: ArgumentHelp("Numbers in a token's vector.", valueName: "D"))
    var embedding: Int = ClassifierConfiguration().embeddingSize

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Begin with pretrained vectors (GloVe or word2vec text).", valueName: "FILE"),
        completion: .file())
    var embeddings: String?

    @Flag(help: "Leave pretrained vectors as they are.")
    var frozen = false

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Units of the dense layer; 0 for none.", valueName: "D"))
    var dense: Int = ClassifierConfiguration().denseSize

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Share of what passes between layers hidden in training, 0 to 0.95.", valueName: "P"))
    var dropout: Double = ClassifierOptions().dropout

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Share of the state hidden from the next step in training, 0 to 0.95.", valueName: "P"))
    var recurrentDropout: Double = ClassifierOptions().recurrentDropout

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Times through the texts (default: about 60,000 texts in all, 10 to 100 times).", valueName: "E"))
    var epochs: Int?

    @Option(parsing: .unconditional, help: ArgumentHelp("Texts in a batch.", valueName: "N"))
    var batchSize: Int = ClassifierOptions().batchSize

    @Option(parsing: .unconditional, help: ArgumentHelp("Learning rate of Adam, at the start.", valueName: "R"))
    var learningRate: Double = ClassifierOptions().learningRate

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Share of the texts held out to measure on, 0 to 0.9.", valueName: "F"))
    var validation: Double = 0.2

    @Option(parsing: .unconditional, help: ArgumentHelp("Seed of all random numbers.", valueName: "S"))
    var seed: UInt64 = 0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Threads (default: one for each core). The classifier does not depend on it.", valueName: "P"))
    var threads: Int?

    @Flag(help: "Print one JSON object about the finished training on standard output.")
    var json = false

    @Flag(help: "Say nothing but errors.")
    var quiet = false

    func run() throws { try ClassifierRun(self).execute() }

    /// The options of the library that the command's options stand for.
    var options: ClassifierOptions {
        var options = ClassifierOptions()
        options.configuration.cell = cell
        options.configuration.hiddenSize = hidden
        options.configuration.layers = layers
        options.configuration.bidirectional = bidirectional
        options.configuration.embeddingSize = embedding
        options.configuration.denseSize = dense
        options.unit = unit
        options.frozen = frozen
        options.dropout = dropout
        options.recurrentDropout = recurrentDropout
        options.epochs = epochs
        options.batchSize = batchSize
        options.learningRate = learningRate
        options.seed = seed
        options.threads = threads
        return options
    }
}
