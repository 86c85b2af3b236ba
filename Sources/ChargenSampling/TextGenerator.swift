import ChargenModels
import ChargenNN
import ChargenTensor
import ChargenText

/// Generates text with a model, each text as the continuation of a prefix.
///
/// Unlike `CharacterModel.generate`, a generator prepares the model's weights once for many texts and reports each character
/// as it is drawn.
///
///     var generator = try TextGenerator(model, seed: 7)
///     _ = try generator.generate(prefix: "The river", length: 200) { print($0, terminator: ""); return true }
public struct TextGenerator {
    private let model: CharacterModel
    private var sampler: Sampler

    /// Creates a generator with its own copy of the weights, prepared for sampling.
    /// - Parameters:
    ///   - options: The options for choosing characters; by default those of the model.
    ///   - stream: Selects one of many independent sequences of random numbers of `seed`.
    ///   - precision: The precision of the weights.
    ///   - threads: The number of threads; by default all that the process may use. The text does not depend on it.
    /// - Throws: ``SamplingError`` if an option is out of range, `BackendError`.
    public init(
        _ model: CharacterModel, options: SamplingOptions? = nil, seed: UInt64, stream: UInt64 = 0,
        precision: StreamPrecision = .automatic, threads: Int? = nil
    ) throws {
        self.model = model
        sampler = try Sampler(
            model.network, options: options ?? model.sampling, seed: seed, stream: stream, precision: precision,
            threads: threads)
    }

    /// Restarts the random numbers as in a new generator with the same seed and `stream`, but without preparing the weights
    /// again.
    public mutating func restart(stream: UInt64) { sampler.restart(stream: stream) }

    /// Reads `prefix` and generates `length` characters after it.
    ///
    /// If the prefix is empty, the model first reads a character that is not part of the text: a line break, or, if the
    /// vocabulary has none, the character with the largest output bias.
    /// - Parameter onCharacter: Called with each new character as it is drawn; the text ends if it returns false.
    /// - Returns: The prefix and the new characters.
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
    /// Returns the tokens that the model reads before it generates: those of `prefix`, or ``silentStart`` if it is empty.
    /// - Throws: ``TextError/unknownCharacters(_:)``.
    func startTokens(prefix: String) throws -> [Int32] {
        let tokens = try encode(prefix)
        return tokens.isEmpty ? [try silentStart] : tokens
    }

    /// The token that the model reads before a text without a prefix; it is not part of the text.
    var silentStart: Int32 {
        get throws {
            if let lineBreak = vocabulary.id(of: "\n") { return lineBreak }
            // Up to a constant, the output bias is the log-probability of a character without context.
            let bias = try network.tensors.last { $0.name == "output.bias" }?.tensor.values ?? []
            return Int32(bias.indices.max { bias[$0] < bias[$1] } ?? 0)
        }
    }
}
