import ChargenNN
import ChargenTensor

/// Draws tokens from a model, one after the other, without end.
///
/// The sampler has a state of its own and never changes the model. It is not `Sendable`: threads that sample each make
/// their own from the model that they share.
public struct Sampler: IteratorProtocol {
    private let network: RNNNetwork
    private let filters: [any LogitsFilter]
    private let greedy: Bool
    private let seed: UInt64
    private var random: RandomSource
    private var state: RNNState
    /// `[V]`, for the token that comes next.
    private var logits: [Float]

    /// Steps that a prefix is read in at once.
    private static let warmUpSteps = 64

    /// - Parameters:
    ///   - stream: picks one of many independent sequences that belong to `seed`.
    ///   - threads: by default as many as the process may use; the tokens do not depend on it.
    /// - Throws: ``SamplingError`` where an option is out of range, ``BackendError``.
    public init(
        _ model: RNNModel, options: SamplingOptions = SamplingOptions(), seed: UInt64, stream: UInt64 = 0,
        threads: Int? = nil
    ) throws {
        filters = try options.filters()
        greedy = options.greedy
        network = RNNNetwork(model, steps: Self.warmUpSteps, batchSize: 1, on: try CPUBackend(threads: threads))
        self.seed = seed
        random = RandomSource(seed: seed, stream: stream)
        state = model.zeroState(batchSize: 1)
        logits = [Float](repeating: 0, count: model.configuration.vocabularySize)
    }

    /// Goes back to the zero state and reads `prefix` (at least one token); what is drawn next continues it.
    public mutating func start(with prefix: [Int32]) {
        precondition(!prefix.isEmpty, "an empty prefix predicts nothing")
        state = network.zeroState(batchSize: 1)
        for start in stride(from: 0, to: prefix.count, by: Self.warmUpSteps) {
            read(Array(prefix[start..<min(start + Self.warmUpSteps, prefix.count)]))
        }
    }

    /// Draws from now on as a new sampler of the same seed and of `stream` would, without the cost of one.
    public mutating func restart(stream: UInt64) { random = RandomSource(seed: seed, stream: stream) }

    /// Draws the next token and reads it. Never nil.
    public mutating func next() -> Int32? {
        let token = choose()
        read([token])
        return token
    }

    private mutating func read(_ tokens: [Int32]) {
        network.forward(tokens: tokens, steps: tokens.count, batchSize: 1, state: &state)
        network.logits[tokens.count - 1..<tokens.count].copy(to: &logits)
    }

    private mutating func choose() -> Int32 {
        if greedy {
            var best = 0
            for index in logits.indices where logits[index] > logits[best] { best = index }
            return Int32(best)
        }
        for filter in filters { filter.apply(to: &logits) }
        let weights = softmaxWeights(logits)
        var left = random.uniform() * weights.reduce(0, +)
        var chosen = 0
        for (index, weight) in weights.enumerated() where weight > 0 {
            chosen = index
            left -= weight
            if left < 0 { break }
        }
        return Int32(chosen)
    }
}
