import ChargenNN
import ChargenTensor
import ChargenText

/// Writes text with a model, from prefixes.
public struct TextGenerator {
    private let model: CharacterModel
    private var sampler: Sampler

    /// - Parameters:
    ///   - options: how characters are chosen; by default as the model says.
    ///   - stream: picks one of many independent texts that belong to `seed`.
    ///   - precision: what the weights are kept in.
    ///   - threads: by default as many as the process may use; the text does not depend on it.
    /// - Throws: ``SamplingError`` where an option is out of range, `BackendError`.
    public init(
        _ model: CharacterModel, options: SamplingOptions? = nil, seed: UInt64, stream: UInt64 = 0,
        precision: StreamPrecision = .automatic, threads: Int? = nil
    ) throws {
        self.model = model
        sampler = try Sampler(
            model.network, options: options ?? model.sampling, seed: seed, stream: stream, precision: precision,
            threads: threads)
    }

    /// Writes from now on as a new generator of the same seed and of `stream` would, without the cost of one.
    public mutating func restart(stream: UInt64) { sampler.restart(stream: stream) }

    /// Reads `prefix` and writes `length` characters after it.
    ///
    /// With an empty prefix the model reads one unseen character first: a line break, or the likeliest character of all
    /// where it knows no line break.
    /// - Parameter onCharacter: is given each new character as it is drawn; returning false ends the text.
    /// - Returns: the prefix and what follows it.
    /// - Throws: ``TextError/unknownCharacters(_:)``.
    public mutating func generate(
        prefix: String = "", length: Int, onCharacter: (Character) -> Bool = { _ in true }
    ) throws -> String {
        var text = prefix
        sampler.start(with: try model.startTokens(prefix: prefix))
        for _ in 0..<max(0, length) {
            guard let token = sampler.next() else { break }
            let character = model.vocabulary.characters[Int(token)]
            text.append(character)
            if !onCharacter(character) { break }
        }
        return text
    }
}

extension CharacterModel {
    /// What is read before a text that begins with `prefix`: at least one token.
    /// - Throws: ``TextError/unknownCharacters(_:)``.
    func startTokens(prefix: String) throws -> [Int32] {
        let tokens = try encode(prefix)
        return tokens.isEmpty ? [silentStart] : tokens
    }

    /// What is read before a text that has no prefix.
    var silentStart: Int32 {
        if let lineBreak = vocabulary.id(of: "\n") { return lineBreak }
        // The output bias is the log-likelihood of a character before anything is known, but for a constant.
        let bias = network.outputBias
        return Int32(bias.indices.max { bias[$0] < bias[$1] } ?? 0)
    }
}
