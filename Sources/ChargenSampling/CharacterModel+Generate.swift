import ChargenModels
import ChargenTensor

extension CharacterModel {
    /// Generates a text of `length` characters after `prefix`. The same seed gives the same text.
    /// - Returns: The prefix and the new characters.
    /// - Throws: ``TextError/unknownCharacters(_:)``, ``SamplingError``, `BackendError`.
    public func generate(
        prefix: String = "", length: Int = 200, options: SamplingOptions? = nil, seed: UInt64
    ) throws -> String {
        var generator = try TextGenerator(self, options: options, seed: seed)
        return try generator.generate(prefix: prefix, length: length)
    }

    /// Generates `count` texts of `length` characters after `prefix`, side by side, which takes less time than one by one.
    ///
    /// Text number i is the one that a ``TextGenerator`` with the same seed and the stream i generates.
    /// - Returns: The prefix and the new characters, once for each text.
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

    /// The number of texts that are generated side by side; more are not faster.
    private static let textsAtOnce = 64
}
