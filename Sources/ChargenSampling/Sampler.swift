import ChargenModels
import ChargenNN
import ChargenTensor

/// An endless iterator that draws tokens from a model, in one stream or in several streams side by side.
///
/// The sampler has its own recurrent state and never changes the model. It is a value: a copy continues on its own. It is not
/// `Sendable`: each thread creates its own sampler from the model that they share. ``TextGenerator`` does the same for text.
///
///     var sampler = try Sampler(model, seed: 7)
///     sampler.start(with: prefix)
///     let tokens = (0..<100).map { _ in sampler.next()! }
public struct Sampler: IteratorProtocol {
    /// The number of streams, N.
    public let streamCount: Int

    private let model: RNNModel
    private let precision: StreamPrecision
    private let backend: CPUBackend
    private var streams: Streams
    private let filters: [any LogitsFilter]
    private let greedy: Bool
    private let seed: UInt64
    /// The random numbers of each stream, `[N]`.
    private var randoms: [RandomSource]
    /// The logits of one stream, `[V]`; memory that is reused.
    private var logits: [Float]
    /// The last token of each stream, `[N]`.
    private var tokens: [Int32]

    /// The range of stream counts that are accepted.
    public static let streamCountRange = 1...1024

    /// Creates a sampler with its own copy of the weights, prepared for sampling, and the zero state.
    /// - Parameters:
    ///   - stream: Selects one of many independent sequences of random numbers of `seed`; the first of `streamCount`.
    ///   - streamCount: The number of streams that are drawn side by side, which takes less time than one after the other.
    ///     The tokens of a stream do not depend on it.
    ///   - precision: The precision of the weights.
    ///   - threads: The number of threads; by default all that the process may use. The tokens do not depend on it.
    /// - Throws: ``SamplingError`` if an option is out of range, `BackendError`.
    public init(
        _ model: RNNModel, options: SamplingOptions = SamplingOptions(), seed: UInt64, stream: UInt64 = 0,
        streamCount: Int = 1, precision: StreamPrecision = .automatic, threads: Int? = nil
    ) throws {
        guard Self.streamCountRange ~= streamCount else {
            throw SamplingError.outOfRange(
                option: "streams", value: "\(streamCount)",
                allowed: "\(Self.streamCountRange.lowerBound) to \(Self.streamCountRange.upperBound)")
        }
        filters = try options.filters()
        greedy = options.greedy
        self.model = model
        self.streamCount = streamCount
        self.precision = precision
        self.seed = seed
        backend = try CPUBackend(threads: threads)
        streams = try model.makeStreams(count: streamCount, precision: precision, on: backend)
        randoms = (0..<streamCount).map { RandomSource(seed: seed, stream: stream &+ UInt64($0)) }
        logits = [Float](repeating: 0, count: model.configuration.vocabularySize)
        tokens = [Int32](repeating: 0, count: streamCount)
    }

    /// Resets every stream to the zero state and reads `prefix`, at least one token, so that the next tokens continue it.
    public mutating func start(with prefix: [Int32]) {
        precondition(!prefix.isEmpty, "an empty prefix predicts nothing")
        ownStreams()
        streams.reset()
        for token in prefix {
            for stream in tokens.indices { tokens[stream] = token }
            streams.step(tokens)
        }
    }

    /// Restarts the random numbers as in a new sampler with the same seed and `stream`, but without preparing the weights
    /// again.
    public mutating func restart(stream: UInt64) {
        for index in randoms.indices { randoms[index] = RandomSource(seed: seed, stream: stream &+ UInt64(index)) }
    }

    /// Draws the next token of every stream and returns that of the first one; never nil.
    public mutating func next() -> Int32? { nextTokens()[0] }

    /// Draws the next token of every stream, `[N]`, and updates the states.
    public mutating func nextTokens() -> [Int32] {
        ownStreams()
        for stream in 0..<streamCount { tokens[stream] = choose(stream) }
        streams.step(tokens)
        return tokens
    }

    /// Copies the states if another copy of the sampler shares their memory.
    private mutating func ownStreams() {
        guard !isKnownUniquelyReferenced(&streams) else { return }
        guard let own = try? model.makeStreams(count: streamCount, precision: precision, on: backend) else {
            preconditionFailure("a model whose layers were built before cannot be built again")
        }
        own.takeStates(of: streams)
        streams = own
    }

    /// Chooses the next token of one stream from its logits.
    private mutating func choose(_ stream: Int) -> Int32 {
        streams.logits[stream..<stream + 1].copy(to: &logits)
        if greedy {
            var best = 0
            for index in logits.indices where logits[index] > logits[best] { best = index }
            return Int32(best)
        }
        for filter in filters { filter.apply(to: &logits) }
        let sum = streams.softmaxWeights(of: &logits)
        var left = randoms[stream].uniform() * Double(sum)
        var chosen = 0
        for (index, weight) in logits.enumerated() where weight > 0 {
            chosen = index
            left -= Double(weight)
            if left < 0 { break }
        }
        return Int32(chosen)
    }
}
