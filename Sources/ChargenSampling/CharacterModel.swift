import ChargenNN
import ChargenTensor
import ChargenText

/// A model of text: a recurrent network and the characters that its tokens stand for.
public struct CharacterModel: Sendable, Equatable {
    /// The network over token ids.
    public let network: RNNModel
    /// Characters and their ids.
    public let vocabulary: Vocabulary
    /// How line breaks were read in training, and so must be in any text that the model is given.
    public let lineBreaks: LineBreaks
    /// How text is drawn where nothing else is asked for.
    public var sampling: SamplingOptions

    /// Traps where the network knows more or fewer tokens than the vocabulary has.
    public init(
        network: RNNModel, vocabulary: Vocabulary, lineBreaks: LineBreaks = .keep,
        sampling: SamplingOptions = SamplingOptions()
    ) {
        precondition(
            network.configuration.vocabularySize == vocabulary.count,
            "a network of \(network.configuration.vocabularySize) tokens for \(vocabulary.count) characters")
        self.network = network
        self.vocabulary = vocabulary
        self.lineBreaks = lineBreaks
        self.sampling = sampling
    }

    /// The tokens of `text`, its line breaks read as in training.
    /// - Throws: ``TextError/unknownCharacters(_:)``.
    public func encode(_ text: String) throws -> [Int32] {
        try vocabulary.encode(lineBreaks.normalizing(text))
    }

    /// Continues `prefix` by `length` characters; the same seed gives the same text.
    /// - Returns: the prefix and what follows it.
    /// - Throws: ``TextError/unknownCharacters(_:)``, ``SamplingError``, `BackendError`.
    public func generate(
        prefix: String = "", length: Int = 200, options: SamplingOptions? = nil, seed: UInt64
    ) throws -> String {
        var generator = try TextGenerator(self, options: options, seed: seed)
        return try generator.generate(prefix: prefix, length: length)
    }

    /// Continues `prefix` by `length` characters, `count` times side by side. Each text is what a generator of that seed and
    /// of the text's number as its stream would write.
    /// - Returns: the prefix and what follows it, once for each text.
    /// - Throws: ``TextError/unknownCharacters(_:)``, ``SamplingError``, `BackendError`.
    public func generate(
        prefix: String = "", length: Int = 200, count: Int, options: SamplingOptions? = nil, seed: UInt64,
        precision: StreamPrecision = .automatic, threads: Int? = nil
    ) throws -> [String] {
        let start = try startTokens(prefix: prefix)
        return try stride(from: 0, to: count, by: Self.textsAtOnce).flatMap { first in
            var sampler = try Sampler(
                network, options: options ?? sampling, seed: seed, stream: UInt64(first),
                streamCount: min(Self.textsAtOnce, count - first), precision: precision, threads: threads)
            sampler.start(with: start)
            var texts = [String](repeating: prefix, count: sampler.streamCount)
            for _ in 0..<max(0, length) {
                for (index, token) in sampler.nextTokens().enumerated() {
                    texts[index].append(vocabulary.characters[Int(token)])
                }
            }
            return texts
        }
    }

    /// Texts that are written side by side: more would not be faster.
    private static let textsAtOnce = 64
}
