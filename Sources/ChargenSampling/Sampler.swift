import ChargenDevice
import ChargenModels
import ChargenNN
import ChargenTensor

/// An endless iterator that draws tokens from a model, in one stream or in several streams side by side.
///
///     var sampler = try Sampler(model, seed: 7)
///     try sampler.start(with: prefix)
///     let tokens = sampler.prefix(100)
///
/// The sampler has its own recurrent state and never changes the model. It is a value: a copy continues on its own. It is not
/// `Sendable`: each thread makes its own sampler of the model that they share, which is cheap since samplers share the model's
/// prepared weights. ``TextStream`` does the same for text.
public struct Sampler: Sequence, IteratorProtocol {
    /// The number of streams, N.
    public let streamCount: Int
    /// The error that has ended the first stream, where ``next()`` has returned nil.
    public private(set) var error: SamplingError?

    private var decoder: TokenDecoder
    private var streams: [SampledStream]
    private let filters: [any LogitsFilter]
    private let seed: UInt64
    /// The logits of one stream, `[V]`; memory that is reused.
    private var logits: [Float]
    /// The last token of each stream, `[N]`.
    private var tokens: [Int32]

    /// The range of stream counts that are accepted.
    public static let streamCountRange = 1...1024

    /// Creates a sampler whose streams have read nothing yet.
    /// - Parameters:
    ///   - model: The model that predicts the tokens.
    ///   - options: The standard filters.
    ///   - filters: Filters that are applied before the standard ones.
    ///   - seed: The seed of the random numbers.
    ///   - stream: Selects one of many independent sequences of random numbers of `seed`; the first of `streamCount`.
    ///   - streamCount: The number of streams that are drawn side by side, which takes less time than one after the other.
    ///     The tokens of a stream do not depend on it.
    ///   - precision: The precision of the weights.
    ///   - device: The device that computes. The tokens do not depend on its threads.
    /// - Throws: ``SamplingError`` if an option is out of range, `BackendError`.
    public init(
        _ model: RNNModel, options: SamplingOptions = SamplingOptions(), filters: [any LogitsFilter] = [], seed: UInt64,
        stream: UInt64 = 0, streamCount: Int = 1, precision: StreamPrecision = .automatic, device: Device = .default
    ) throws {
        guard Self.streamCountRange ~= streamCount else {
            throw SamplingError.outOfRange(
                option: "streams", value: "\(streamCount)",
                allowed: "\(Self.streamCountRange.lowerBound) to \(Self.streamCountRange.upperBound)")
        }
        let filters = filters + (try options.filters())
        let decoder = try TokenDecoder(model, precision: precision, device: device, capacity: streamCount)
        self.init(decoder, filters: filters, seed: seed, stream: stream, streamCount: streamCount)
    }

    /// Creates a sampler that decodes with `decoder`, which has no streams yet.
    package init(
        _ decoder: TokenDecoder, filters: [any LogitsFilter], seed: UInt64, stream: UInt64 = 0, streamCount: Int
    ) {
        self.streamCount = streamCount
        self.decoder = decoder
        self.filters = filters
        self.seed = seed
        streams = (0..<streamCount).map {
            SampledStream(RandomSource(seed: seed, stream: stream &+ UInt64($0)), filters: filters.count)
        }
        logits = [Float](repeating: 0, count: decoder.configuration.vocabularySize)
        tokens = [Int32](repeating: 0, count: streamCount)
        for _ in 0..<streamCount {
            guard (try? decoder.join()) != nil else { preconditionFailure("\(streamCount) streams are too many") }
        }
    }

    /// Puts every stream into the state after `prefix`, at least one token, so that the next tokens continue it.
    /// - Throws: ``SamplingError/nothingRead`` for an empty prefix, `LayerError.unknownToken` for a token that the model does
    ///   not know; `CancellationError` where the current task is cancelled while a long prefix is read.
    public mutating func start(with prefix: [Int32]) throws {
        guard !prefix.isEmpty else { throw SamplingError.nothingRead }
        try decoder.check(prefix)
        // One stream reads the prefix, in a decoder of its own if copies of this sampler use the same one.
        ownStreams()
        decoder.set(0, nil)
        try decoder.read(prefix, inRow: 0)
        begin(decoder.state(ofRow: 0), after: prefix)
    }

    /// Puts every stream into `state`, so that the next tokens continue what it has read.
    /// - Throws: ``SamplingError/otherModel(state:model:)``, ``SamplingError/nothingRead``.
    public mutating func start(from state: StreamState) throws {
        try state.check(decoder.configuration)
        guard state.tokensRead > 0 else { throw SamplingError.nothingRead }
        ownStreams()
        begin(state, after: [])
    }

    private mutating func begin(_ state: StreamState, after prefix: [Int32]) {
        error = nil
        for (row, stream) in streams.enumerated() {
            decoder.set(row, state)
            stream.restart(after: prefix)
        }
    }

    /// Restarts the random numbers as in a new sampler with the same seed and `stream`.
    public mutating func restart(stream: UInt64) {
        ownStreams()
        for (index, own) in streams.enumerated() {
            own.random = RandomSource(seed: seed, stream: stream &+ UInt64(index))
        }
    }

    /// The state of one stream, after the tokens that it has read and drawn.
    public func state(ofStream stream: Int = 0) -> StreamState { decoder.state(ofRow: stream) }

    /// Draws the next token of every stream and returns that of the first one; nil where that is not possible, whose reason
    /// is then in ``error``.
    public mutating func next() -> Int32? {
        do {
            try draw()
            return tokens[0]
        } catch {
            self.error = error
            return nil
        }
    }

    /// Draws the next token of every stream, `[N]`, and updates the states.
    /// - Throws: ``SamplingError/nothingRead`` before ``start(with:)``, ``SamplingError/notFinite(tokensRead:)``,
    ///   ``SamplingError/noTokenLeft(position:)``; no stream has drawn a token then.
    public mutating func nextTokens() throws -> [Int32] {
        try draw()
        return tokens
    }

    private mutating func draw() throws(SamplingError) {
        if let error { throw error }
        guard decoder.tokensRead(inRow: 0) > 0 else { throw .nothingRead }
        ownStreams()
        let backend = decoder.backend
        if streamCount == 1 {
            decoder.copyLogits(ofRow: 0, to: &logits)
            streams[0].choose(from: &logits, filters, on: backend)
        } else {
            let (streams, filters) = (streams, filters)
            decoder.forEachRow(streamCount) { streams[$0].choose(from: &$1, filters, on: backend) }
        }
        for (row, stream) in streams.enumerated() {
            switch stream.choice {
            case .token(let token): tokens[row] = token
            case .notFinite: throw .notFinite(tokensRead: decoder.tokensRead(inRow: row))
            case .noneLeft: throw .noTokenLeft(position: stream.position)
            }
        }
        for (stream, token) in zip(streams, tokens) { stream.append(token) }
        decoder.advance(tokens)
    }

    /// Copies the states if another copy of the sampler shares their memory.
    private mutating func ownStreams() {
        guard !isKnownUniquelyReferenced(&decoder) else { return }
        decoder = decoder.copy()
        streams = streams.map { $0.copy() }
    }
}
