import ArgumentParser
import Chargen

/// `chargen train`
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a character model on a text.",
        discussion: """
            No option is required. Where no cell is named, all that is not asked for is chosen from the corpus for the lowest \
            loss, and the command says what and why; with --cell lstm, gru or rnn it is plain (Adam, 256 units, no \
            normalization, no dropout). Ctrl-C ends the training after the current step, saves the model and exits with \
            status 130.

            Examples:
              chargen train corpora/lyrics-zh.zip
              chargen train book.txt -o book.safetensors --prefix "It was "
              chargen train book.txt --time 5m
              chargen train lyrics.zip --cell lstm --hidden 512 --steps 35 --epochs 160
              chargen train book.txt --cell gru --layers 2 --embedding 64 --dropout 0.3
              chargen train lyrics.zip --newlines space --batching random
              chargen train book.txt --optimizer adamw --beta2 0.99 --weight-decay 0.1 --warmup 0.03 --final-rate 0
              chargen train book.txt --optimizer sgd --momentum 0.9 --learning-rate 0.2
              chargen train book.txt --time 5m --dry-run
            """
    )

    @OptionGroup var corpus: CorpusArguments

    @Option(
        name: [.customShort("o"), .long], parsing: .unconditional,
        help: "The path of the model file.", completion: .file())
    var output: String = defaultModelPath

    @Option(
        parsing: .unconditional,
        help: """
            The recurrent cell: mlstm (multiplicative LSTM), lstm, gru or rnn (default: mlstm). With lstm, gru or rnn, no option \
            is chosen from the corpus: no layer normalization, no dropout.
            """)
    var cell: RNNConfiguration.Cell?

    @Flag(
        inversion: .prefixedNo, exclusivity: .chooseLast,
        help: "Normalize the recurrent products (layer normalization).")
    var layerNorm: Bool?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The number of units in each recurrent layer, 1 to 16384 (default: chosen from the corpus; 256 for a cell that is "
                + "named).",
            valueName: "H"))
    var hidden: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The number of recurrent layers, 1 to 64 (default: 1).", valueName: "L"))
    var layers: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The input of the first layer: a learned embedding of D numbers per character, or one-hot.", valueName: "D|one-hot"))
    var embedding: InputChoice = .oneHot

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "A file of pretrained vectors of characters, in the text format of GloVe or word2vec, that the embedding starts "
                + "from.", valueName: "FILE"),
        completion: .file())
    var embeddings: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The fraction of each recurrent layer's outputs that dropout sets to zero, 0 to 0.95 (default: chosen from the "
                + "corpus; 0 for a cell that is named).", valueName: "P"))
    var dropout: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The fraction of the hidden state that recurrent dropout sets to zero, 0 to 0.95 (default: chosen from the corpus; "
                + "0 for a cell that is named).", valueName: "P"))
    var recurrentDropout: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The number of sequences in a batch (default: 16 or 32; fewer for short texts).", valueName: "N"))
    var batchSize: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The number of time steps that backpropagation goes through (default: 64; fewer for short texts).",
            valueName: "T"))
    var steps: Int?

    @Option(
        parsing: .unconditional,
        help: "The order of batches: consecutive (the state is carried from batch to batch) or random (it starts at zero).")
    var batching: TrainingOptions.Batching = .consecutive

    @Flag(help: "Begin each epoch at another place of the text.")
    var offset = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How far the number of time steps of consecutive batches may be from T, as a fraction of T, 0 to 0.9.",
            valueName: "F"))
    var jitter: Double = TrainingOptions().jitter

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The number of batches whose gradients make one optimizer step.", valueName: "K"))
    var accumulate: Int = TrainingOptions().accumulate

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The number of epochs, such as 12 or 0.5 (default: as many as two minutes of a fast processor can train; for a "
                + "cell that is named, enough to read about one million characters, 5 to 200).",
            valueName: "E"))
    var epochs: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The time that the whole command takes, such as 60s, 5m, 1.5h or 90 (seconds), instead of a number of epochs. Such a "
                + "run cannot be repeated byte for byte.", valueName: "TIME"),
        transform: TimeSpan.init(argument:))
    var time: TimeSpan?

    @OptionGroup var optimizer: OptimizerArguments

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The largest global norm of the gradient, to which longer gradients are scaled; 0 for no limit.", valueName: "θ"))
    var clipNorm: Double = TrainingOptions().clipNorm

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The largest magnitude of each number in the gradient (default: no limit).", valueName: "C"))
    var clipValue: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The window of the exponential moving average of the weights, which validation and the model take, as a fraction of "
                + "the run, 0 (no average) to 1.", valueName: "F"))
    var average: Double = TrainingOptions().average

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The fraction of the text, at its end, that is held out for validation (default: 0.1; 0 for fewer than 20,000 "
                + "characters).",
            valueName: "F"))
    var validation: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The fraction of the text, at its very end, that is held out for a test: its loss is measured once, at the end.",
            valueName: "F"))
    var test: Double = TrainingOptions().test

    @Option(parsing: .unconditional, help: "The weights to save: last, or best (those with the lowest validation loss).")
    var keep: KeptWeights = .last

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "End the training after M measurements of the validation loss in a row without an improvement.", valueName: "M"))
    var patience: Int?

    @Flag(help: "Leave out the n-gram model that the validation loss is compared with.")
    var noBaseline = false

    @Option(parsing: .unconditional, help: ArgumentHelp("The seed of all random numbers.", valueName: "S"))
    var seed: UInt64 = 0

    @Option(parsing: .unconditional, help: precisionHelp)
    var precision: Precision = .automatic

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The number of threads (default: one per core). It does not affect the model.", valueName: "P"))
    var threads: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Print generated text every E epochs; 0 for never (default: ten times in all).", valueName: "E"))
    var sampleEvery: Int?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("The prefix of the generated text. Repeatable.", valueName: "TEXT"))
    var prefix: [String] = []

    @Option(parsing: .unconditional, help: ArgumentHelp("The number of characters to generate after the prefix.", valueName: "M"))
    var length: Int = 50

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "A file to write the metrics of each measurement to, one JSON object per line.", valueName: "FILE.jsonl"))
    var metrics: String?

    @Flag(help: "Print the plan, the memory that the run will need and the time that it will take, and train nothing.")
    var dryRun = false

    @Flag(help: "Print a summary of the training, or of the dry run, as one JSON object on standard output.")
    var json = false

    @Flag(help: "Print only errors.")
    var quiet = false

    func validate() throws {
        try optimizer.check((cell ?? .mlstm) == .mlstm ? .adamw : .adam)
        if time != nil && epochs != nil { throw ValidationError("--time and --epochs exclude each other; leave out one of them") }
        if dryRun && quiet && !json {
            throw ValidationError("--dry-run prints nothing with --quiet; leave out --quiet or add --json")
        }
        if let patience, patience < 1 { throw ValidationError("--patience \(patience) is out of range; use 1 or more") }
        if jitter > 0 && batching == .random {
            throw ValidationError("--jitter has no effect on random batches; leave out --batching random")
        }
    }

    func run() throws { try TrainingRun(self).execute() }

    /// The library's options with the values of the command's options.
    var options: TrainingOptions {
        var options = TrainingOptions()
        options.cell = cell
        options.hiddenSize = hidden
        options.layers = layers
        options.embeddingSize = embedding.size
        options.layerNorm = layerNorm
        options.dropout = dropout
        options.recurrentDropout = recurrentDropout
        options.batchSize = batchSize
        options.steps = steps
        options.batching = batching
        options.offset = offset
        options.jitter = jitter
        options.accumulate = accumulate
        options.epochs = epochs
        optimizer.apply(to: &options)
        options.time = time?.duration
        options.startTime = ProcessStart.time
        options.reserve = time.map { min($0.duration / 20, .milliseconds(30)) } ?? .zero
        options.keep = keep
        options.test = test
        options.clipNorm = clipNorm
        options.clipValue = clipValue
        options.average = average
        options.validation = validation
        options.seed = seed
        options.precision = precision
        options.device = .cpu(threads: threads)
        return options
    }
}

/// The path of the model if the arguments do not name one.
let defaultModelPath = "model.safetensors"

/// The help of `--precision` for training.
var precisionHelp: ArgumentHelp {
    "The precision of the operands of matrix products: float32, bfloat16, or auto for the faster one on this processor."
}
