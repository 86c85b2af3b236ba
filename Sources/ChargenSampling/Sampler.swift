import ChargenNN
import ChargenTensor

/// Draws tokens from a model, in one stream or in several side by side, one after the other, without end.
///
/// The sampler has a state of its own and never changes the model. It is a value: a copy goes on by itself. It is not
/// `Sendable`: threads that sample each make their own from the model that they share.
public struct Sampler: IteratorProtocol {
    /// How many streams there are.
    public let streamCount: Int

    private let model: RNNModel
    private let precision: StreamPrecision
    private let backend: CPUBackend
    private var streams: Streams
    private let filters: [any LogitsFilter]
    private let greedy: Bool
    private let seed: UInt64
    /// One for each stream.
    private var randoms: [RandomSource]
    /// `[V]`: of one stream at a time.
    private var logits: [Float]
    /// `[N]`.
    private var tokens: [Int32]

    /// The numbers of streams that make sense.
    public static let streamCountRange = 1...1024

    /// - Parameters:
    ///   - stream: picks one of many independent sequences that belong to `seed`; the first of `streamCount`.
    ///   - streamCount: sequences that are drawn side by side, which takes less time than one after the other. Each is
    ///     the same, whatever their number.
    ///   - precision: what the weights are kept in.
    ///   - threads: by default as many as the process may use; the tokens do not depend on it.
    /// - Throws: ``SamplingError`` where an option is out of range, ``BackendError``.
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
        streams = model.makeStreams(count: streamCount, precision: precision, on: backend)
        randoms = (0..<streamCount).map { RandomSource(seed: seed, stream: stream &+ UInt64($0)) }
        logits = [Float](repeating: 0, count: model.configuration.vocabularySize)
        tokens = [Int32](repeating: 0, count: streamCount)
    }

    /// Goes back to the zero state and reads `prefix` (at least one token) in every stream; what is drawn next continues
    /// it.
    public mutating func start(with prefix: [Int32]) {
        precondition(!prefix.isEmpty, "an empty prefix predicts nothing")
        ownStreams()
        streams.reset()
        for token in prefix {
            for stream in tokens.indices { tokens[stream] = token }
            streams.step(tokens)
        }
    }

    /// Draws from now on as a new sampler of the same seed and of `stream` would, without the cost of one.
    public mutating func restart(stream: UInt64) {
        for index in randoms.indices { randoms[index] = RandomSource(seed: seed, stream: stream &+ UInt64(index)) }
    }

    /// Draws the next token of the first stream and reads it. Never nil.
    public mutating func next() -> Int32? { nextTokens()[0] }

    /// Draws the next token of every stream and reads them: `[N]`.
    public mutating func nextTokens() -> [Int32] {
        ownStreams()
        for stream in 0..<streamCount { tokens[stream] = choose(stream) }
        streams.step(tokens)
        return tokens
    }

    /// Makes sure that no copy of the sampler has the same memory.
    private mutating func ownStreams() {
        guard !isKnownUniquelyReferenced(&streams) else { return }
        let own = model.makeStreams(count: streamCount, precision: precision, on: backend)
        own.takeStates(of: streams)
        streams = own
    }

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
