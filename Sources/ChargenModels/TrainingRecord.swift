/// A record of a model's training, kept in the model file: what the model was trained on, how, and with which result. It
/// holds no times that were measured, so that the same training gives the same bytes.
///
/// Nothing is computed from it. Choices are names and not enumerations, so that a record of a later version, which may know
/// other optimizers, can be read and written again.
public struct TrainingRecord: Sendable, Equatable, Codable {
    /// Characters of the training text.
    public var corpusCharacters = 0
    /// Characters that were held out for validation.
    public var validationCharacters = 0
    /// Epochs that were begun and, unless the run was stopped, finished.
    public var epochs = 0
    /// Optimizer steps.
    public var steps = 0
    /// Mean loss of the last epoch in nats per character; nil before the first.
    public var trainLoss: Double?
    /// Exact loss of the held-out characters after the last epoch of the run; nil where there are none, or before that.
    public var validationLoss: Double?
    /// Characters that were held out for a test; nil for none.
    public var testCharacters: Int?
    /// Exact loss of the test's characters at the end of the run; nil where there are none, or before that.
    public var testLoss: Double?
    /// The time limit in seconds of a run that followed the clock, and cannot be repeated byte for byte; nil for one that
    /// followed from its data and options alone.
    public var timeLimit: Double?
    /// The choice of the saved weights, such as `best`; nil for the last ones.
    public var kept: String?
    /// How often the run went back to a good state with half the learning rate; nil for never.
    public var recoveries: Int?
    /// Loss of the held-out characters under an n-gram model of the training text; nil where it was not computed.
    public var baselineLoss: Double?
    /// The order of that n-gram model.
    public var baselineOrder: Int?
    /// Sequences side by side, N.
    public var batchSize = 0
    /// Time steps, T.
    public var sequenceLength = 0
    /// The order of the batches: `consecutive` or `random`.
    public var batching = unknown
    /// The name of the optimizer, such as `adam`.
    public var optimizer = unknown
    /// The first learning rate.
    public var learningRate = 0.0
    /// The name of the learning rate's schedule, such as `cosine`.
    public var schedule = unknown
    /// Largest global norm of the gradient; 0 for no limit.
    public var clipNorm = 0.0
    /// Largest magnitude of each number of the gradient.
    public var clipValue: Double?
    /// Batches whose gradients make one optimizer step; nil for one.
    public var accumulate: Int?
    /// Whether each epoch began at another place of the text; nil where all began at its start.
    public var offset: Bool?
    /// How far the numbers of steps of batches were from T, as a share of T; nil for not at all.
    public var jitter: Double?
    /// The window of the averaged weights, as a share of the run; nil for weights that were not averaged.
    public var average: Double?
    /// The seed of all random numbers.
    public var seed: UInt64 = 0
    /// The precision of the operands of products, such as `bfloat16`; nil in files of versions that knew float32 only.
    public var precision: String?
    /// The dropout of outputs; nil for none.
    public var dropout: Double?
    /// The dropout of states; nil for none.
    public var recurrentDropout: Double?

    /// The name of a choice that a file does not tell.
    public static let unknown = "unknown"

    /// An empty record, to be filled in.
    public init() {}
}

extension TrainingRecord {
    /// Decodes what is there: a value that is missing, or is of another type than this version knows, keeps its default,
    /// because a model can be used without its record.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func read<Value: Decodable>(_ key: CodingKeys, into property: inout Value) {
            if let value = try? values.decode(Value.self, forKey: key) { property = value }
        }
        self.init()
        read(.corpusCharacters, into: &corpusCharacters)
        read(.validationCharacters, into: &validationCharacters)
        read(.epochs, into: &epochs)
        read(.steps, into: &steps)
        read(.trainLoss, into: &trainLoss)
        read(.validationLoss, into: &validationLoss)
        read(.testCharacters, into: &testCharacters)
        read(.testLoss, into: &testLoss)
        read(.timeLimit, into: &timeLimit)
        read(.kept, into: &kept)
        read(.recoveries, into: &recoveries)
        read(.baselineLoss, into: &baselineLoss)
        read(.baselineOrder, into: &baselineOrder)
        read(.batchSize, into: &batchSize)
        read(.sequenceLength, into: &sequenceLength)
        read(.batching, into: &batching)
        read(.optimizer, into: &optimizer)
        read(.learningRate, into: &learningRate)
        read(.schedule, into: &schedule)
        read(.clipNorm, into: &clipNorm)
        read(.clipValue, into: &clipValue)
        read(.accumulate, into: &accumulate)
        read(.offset, into: &offset)
        read(.jitter, into: &jitter)
        read(.average, into: &average)
        read(.seed, into: &seed)
        read(.precision, into: &precision)
        read(.dropout, into: &dropout)
        read(.recurrentDropout, into: &recurrentDropout)
    }
}
