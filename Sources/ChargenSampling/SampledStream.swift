import ChargenTensor

/// What a sampler keeps for one stream beside the decoder's state: its random numbers, and what filters know and keep.
///
/// `@unchecked Sendable`: a sampler hands each of its streams to one thread at a time.
final class SampledStream: @unchecked Sendable {
    /// The result of choosing a token.
    enum Choice {
        case token(Int32)
        /// The model's logits are not finite.
        case notFinite
        /// The filters left no token.
        case noneLeft
    }

    var random: RandomSource
    private(set) var choice = Choice.token(0)
    private var context = FilterContext()
    /// What each filter keeps.
    private var memories: [(any Sendable)?]

    init(_ random: RandomSource, filters: Int) {
        self.random = random
        memories = [(any Sendable)?](repeating: nil, count: filters)
    }

    /// The number of tokens that were drawn.
    var position: Int { context.position }

    /// A stream that continues on its own.
    func copy() -> SampledStream {
        let copy = SampledStream(random, filters: memories.count)
        copy.context = context
        copy.memories = memories
        return copy
    }

    /// Begins a new text after `prefix`; the random numbers go on.
    func restart(after prefix: [Int32]) {
        context = FilterContext()
        for index in memories.indices { memories[index] = nil }
        for token in prefix.suffix(FilterContext.recentTokenLimit) { context.append(token) }
    }

    /// Adds a token that was drawn.
    func append(_ token: Int32) {
        context.append(token)
        context.position += 1
    }

    /// Applies the filters to `logits` `[V]`, which are overwritten, and draws a token with the probabilities that they give
    /// it. A logit that is NaN or infinite before the filters is an error of the model.
    func choose(from logits: inout [Float], _ filters: [any LogitsFilter], on backend: any Backend) {
        guard Self.areFinite(logits) else { return choice = .notFinite }
        for (index, filter) in filters.enumerated() {
            swap(&context.memory, &memories[index])
            filter.apply(to: &logits, &context)
            swap(&context.memory, &memories[index])
        }
        let sum = backend.softmaxWeights(of: &logits)
        guard sum > 0, sum.isFinite else { return choice = .noneLeft }
        choice = .token(Int32(backend.draw(from: logits, below: random.uniform() * Double(sum))))
    }

    /// Whether all exponents differ from that of NaN and infinities; a loop that the compiler turns into vectors.
    private static func areFinite(_ values: [Float]) -> Bool {
        let exponent: UInt32 = 0x7F80_0000
        return values.reduce(UInt32(0)) { $0 | ($1.bitPattern & exponent == exponent ? 1 : 0) } == 0
    }
}
