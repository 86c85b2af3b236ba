import ArgumentParser
import Chargen

/// `chargen classify train`
struct ClassifyTrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a text classifier on labelled texts.",
        discussion: """
            Each line of the file consists of a text, a tab and a label. A part of the texts with each label is held out. \
            After the training, the command prints the accuracy on the held-out texts and their confusion matrix: a row for \
            each true label, a column for each predicted label. No option is required. Ctrl-C ends the training after the \
            current step, saves the classifier and exits with status 130.

            Examples:
              chargen classify train corpora/reviews.tsv
              chargen classify train moods.zip --cell gru --bidirectional --layers 2
              chargen classify train corpora/emoji.tsv --embeddings corpora/vectors.txt
              chargen classify train spam.tsv --class-weight spam=5
            """
    )

    @Argument(help: "The labelled texts: a file of lines (text, tab, label), or a zip archive of such files.", completion: .file())
    var labelled: String

    @Option(
        name: [.customShort("o"), .long], parsing: .unconditional, help: "The path of the classifier file.",
        completion: .file())
    var output: String = defaultClassifierPath

    @Option(
        parsing: .unconditional,
        help: "The unit of a token: words or characters (default: words if the texts contain spaces).")
    var unit: TextUnit?

    @Option(parsing: .unconditional, help: "The recurrent cell: lstm, gru or rnn.")
    var cell: RNNConfiguration.Cell = .lstm

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The number of units in each recurrent layer and direction, 1 to 16384.", valueName: "H"))
    var hidden: Int = ClassifierConfiguration().hiddenSize

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The number of recurrent layers, 1 to 64.", valueName: "L"))
    var layers: Int = ClassifierConfiguration().layers

    @Flag(help: "Read each text in both directions.")
    var bidirectional = false

    @Option(parsing: .unconditional, help: ArgumentHelp("The size of the embedding, in numbers per token.", valueName: "D"))
    var embedding: Int = ClassifierConfiguration().embeddingSize

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "A file of pretrained vectors, in the text format of GloVe or word2vec, that the embedding starts from.",
            valueName: "FILE"),
        completion: .file())
    var embeddings: String?

    @Flag(help: "Freeze the pretrained vectors: training does not change them.")
    var frozen = false

    @Option(
        parsing: .unconditional, help: ArgumentHelp("The number of units in the dense layer; 0 for no dense layer.", valueName: "D"))
    var dense: Int = ClassifierConfiguration().denseSize

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The fraction of embeddings and layer outputs that dropout sets to zero, 0 to 0.95.", valueName: "P"))
    var dropout: Double = ClassifierOptions().dropout

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The fraction of the hidden state that recurrent dropout sets to zero, 0 to 0.95.", valueName: "P"))
    var recurrentDropout: Double = ClassifierOptions().recurrentDropout

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The number of epochs (default: enough to read about 60,000 texts, 10 to 100).", valueName: "E"))
    var epochs: Double?

    @Option(parsing: .unconditional, help: ArgumentHelp("The number of texts in a batch.", valueName: "N"))
    var batchSize: Int = ClassifierOptions().batchSize

    @Option(parsing: .unconditional, help: ArgumentHelp("The initial learning rate of Adam.", valueName: "R"))
    var learningRate: Double = ClassifierOptions().learningRate

    @Option(
        name: .customLong("class-weight"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "The weight of a label's texts in the loss, 0 or more; other labels have weight 1. Repeatable.",
            valueName: "LABEL=W"))
    var classWeights: [ClassWeight] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The fraction of the texts that is held out, 0 to 0.9.", valueName: "F"))
    var validation: Double = 0.2

    @Option(parsing: .unconditional, help: ArgumentHelp("The seed of all random numbers.", valueName: "S"))
    var seed: UInt64 = 0

    @Option(parsing: .unconditional, help: precisionHelp)
    var precision: Precision = .automatic

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The number of threads (default: one per core). It does not affect the classifier.", valueName: "P"))
    var threads: Int?

    @Flag(help: "Print a summary of the training as one JSON object on standard output.")
    var json = false

    @Flag(help: "Print only errors.")
    var quiet = false

    func run() throws { try ClassifierRun(self).execute() }

    /// The library's options with the values of the command's options, except for the class weights, which need the labels.
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
        options.precision = precision
        options.device = .cpu(threads: threads)
        return options
    }
}
