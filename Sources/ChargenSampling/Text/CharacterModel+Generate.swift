import ChargenDevice
import ChargenModels
import ChargenTensor

extension CharacterModel {
    /// Generates a text of `length` characters after `prefix`. The same seed gives the same text.
    /// - Returns: The prefix and the new characters.
    /// - Throws: `TextError.unknownCharacters`, ``SamplingError``, `BackendError`; `CancellationError` where the current task
    ///   is cancelled.
    public func generate(
        prefix: String = "", length: Int = 200, options: SamplingOptions? = nil, filters: [any LogitsFilter] = [],
        seed: UInt64, precision: StreamPrecision = .automatic, device: Device = .default
    ) throws -> String {
        try generate(
            prefix: prefix, length: length, count: 1, options: options, filters: filters, seed: seed,
            precision: precision, device: device)[0]
    }

    /// Generates `count` texts of `length` characters after `prefix`, side by side, which takes less time than one by one.
    ///
    /// Text number i is the one that ``stream(after:options:filters:seed:stream:precision:device:)`` gives with the same seed
    /// and the stream i.
    /// - Parameters:
    ///   - prefix: The beginning of each text.
    ///   - length: The number of characters after the prefix.
    ///   - count: The number of texts.
    ///   - options: The options for choosing characters; by default those of the model.
    ///   - filters: Filters that are applied before those of the options.
    ///   - seed: The seed of the random numbers.
    ///   - precision: The precision of the weights.
    ///   - device: The device that computes. The texts do not depend on its threads.
    ///   - onCharacter: Called with each character of the first text as soon as it is drawn; not for the prefix.
    /// - Returns: The prefix and the new characters, once for each text.
    /// - Throws: `TextError.unknownCharacters`, ``SamplingError``, `BackendError`; `CancellationError` where the current task
    ///   is cancelled; what `onCharacter` throws.
    public func generate(
        prefix: String = "", length: Int = 200, count: Int, options: SamplingOptions? = nil,
        filters: [any LogitsFilter] = [], seed: UInt64, precision: StreamPrecision = .automatic,
        device: Device = .default, onCharacter: (Character) throws -> Void = { _ in }
    ) throws -> [String] {
        let start = try startTokens(prefix: prefix)
        return try stride(from: 0, to: count, by: Self.textsAtOnce).flatMap { first in
            var sampler = try Sampler(
                network, options: options ?? sampling, filters: filters, seed: seed, stream: UInt64(first),
                streamCount: Swift.min(Self.textsAtOnce, count - first), precision: precision, device: device)
            try sampler.start(with: start)
            var texts = [String](repeating: prefix, count: sampler.streamCount)
            for _ in 0..<Swift.max(0, length) {
                try Task.checkCancellation()
                for (index, token) in try sampler.nextTokens().enumerated() {
                    texts[index].append(vocabulary.characters[Int(token)])
                    if first + index == 0 { try onCharacter(vocabulary.characters[Int(token)]) }
                }
            }
            return texts
        }
    }

    /// The number of texts that are generated side by side; more are not faster.
    private static let textsAtOnce = 64
}
