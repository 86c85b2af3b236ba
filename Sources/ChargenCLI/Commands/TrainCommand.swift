import ArgumentParser
import Chargen

/// `chargen train`
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Learn from a text, write a model.",
        discussion: """
            Needs no options: what is left out is chosen to fit the text. Ctrl-C finishes the step, saves the model as \
            it is and exits with 130.

            Examples:
              chargen train corpora/lyrics-zh.zip
              chargen train book.txt -o book.safetensors --prefix "It was "
              chargen train lyrics.zip --hidden 512 --steps 35 --epochs 160
              chargen train book.txt --cell gru --layers 2 --embedding 64 --dropout 0.3
              chargen train lyrics.zip --newlines space --batching random
            """
    )

    @OptionGroup var corpus: CorpusArguments

    @Option(
        name: [.customShort("o"), .long], parsing: .unconditional,
        help: "Where the model goes.", completion: .file())
    var output: String = defaultModelPath

    @Option(parsing: .unconditional, help: "Recurrent cell: lstm, gru or rnn.")
    var cell: RNNConfiguration.Cell = .lstm

    @Option(parsing: .unconditional, help: ArgumentHelp("Units of each recurrent layer, 1 to 16384.", valueName: "H"))
    var hidden: Int = TrainingOptions().hiddenSize

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Recurrent layers, one on top of the other, 1 to 64.", valueName: "L"))
    var layers: Int = TrainingOptions().layers

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How characters go in: as a learned vector of D numbers, or one-hot.", valueName: "D|one-hot"))
    var embedding: InputChoice = .oneHot

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Begin the embedding with pretrained vectors of characters (GloVe or word2vec text).", valueName: "FILE"),
        completion: .file())
    var embeddings: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Share of each layer's outputs hidden from the next in training, 0 to 0.95.", valueName: "P"))
    var dropout: Double = 0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Share of the state hidden from the next step in training, 0 to 0.95.", valueName: "P"))
    var recurrentDropout: Double = 0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Sequences side by side (default: 32, fewer for short texts).", valueName: "N"))
    var batchSize: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Time steps learned from at once (default: 64, fewer for short texts).", valueName: "T"))
    var steps: Int?

    @Option(
        parsing: .unconditional,
        help: "Batches: consecutive (the state is carried on) or random (it starts at zero).")
    var batching: TrainingOptions.Batching = .consecutive

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Times through the text (default: about one million characters in all, 5 to 200 times).", valueName: "E"))
    var epochs: Int?

    @Option(parsing: .unconditional, help: "Optimizer: adam, adamw (with weight decay) or sgd.")
    var optimizer: OptimizerKind = .adam

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Weight decay of adamw, as a share of the learning rate, 0 to 1.", valueName: "W"))
    var weightDecay: Double = TrainingOptions().weightDecay

    @Option(parsing: .unconditional, help: ArgumentHelp("Momentum of sgd, 0 or more and less than 1.", valueName: "M"))
    var momentum: Double = TrainingOptions().momentum

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Learning rate (default: 0.01 for adam, 1 for sgd).", valueName: "R"))
    var learningRate: Double?

    @Option(parsing: .unconditional, help: "Learning rate over the run: cosine (falls to a hundredth) or constant.")
    var schedule: ScheduleKind = .cosine

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Largest global norm of the gradient; 0 for no limit.", valueName: "θ"))
    var clipNorm: Double = TrainingOptions().clipNorm

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Largest magnitude of each number of the gradient (default: no limit).", valueName: "C"))
    var clipValue: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Share of the text, at its end, kept aside to measure on (default: 0.1; 0 under 20,000 characters).",
            valueName: "F"))
    var validation: Double?

    @Option(parsing: .unconditional, help: ArgumentHelp("Seed of all random numbers.", valueName: "S"))
    var seed: UInt64 = 0

    @Option(
        parsing: .unconditional,
        help: "Precision of products: float32, bfloat16, or auto for the faster on this processor.")
    var precision: Precision = .automatic

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Threads (default: one for each core). The model does not depend on it.", valueName: "P"))
    var threads: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Show sampled text every E epochs; 0 for never (default: ten times).", valueName: "E"))
    var sampleEvery: Int?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Prefix of sampled text; may be given more than once.", valueName: "TEXT"))
    var prefix: [String] = []

    @Option(parsing: .unconditional, help: ArgumentHelp("Length of sampled text.", valueName: "M"))
    var length: Int = 50

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Write each epoch's metrics to a file, one JSON object a line.", valueName: "FILE.jsonl"))
    var metrics: String?

    @Flag(help: "Print one JSON object about the finished training on standard output.")
    var json = false

    @Flag(help: "Say nothing but errors.")
    var quiet = false

    func run() throws { try TrainingRun(self).execute() }

    /// The options of the library that the command's options stand for.
    var options: TrainingOptions {
        var options = TrainingOptions()
        options.cell = cell
        options.hiddenSize = hidden
        options.layers = layers
        options.embeddingSize = embedding.size
        options.dropout = dropout
        options.recurrentDropout = recurrentDropout
        options.batchSize = batchSize
        options.steps = steps
        options.batching = batching
        options.epochs = epochs
        options.optimizer = optimizer
        options.learningRate = learningRate
        options.schedule = schedule.schedule
        options.weightDecay = weightDecay
        options.momentum = momentum
        options.clipNorm = clipNorm
        options.clipValue = clipValue
        options.validation = validation
        options.seed = seed
        options.precision = precision
        options.threads = threads
        return options
    }
}

/// The model that a command means where none is named.
let defaultModelPath = "model.safetensors"
