import ChargenDevice
import ChargenModels
import ChargenNN
import ChargenText

/// How probable a text is under a model, character by character.
///
///     let score = try model.score("Once upon a time")
///     for (character, logProbability) in zip("Once upon a time", score.perCharacter) { print(character, logProbability) }
public struct TextScore: Sendable, Equatable {
    /// The natural logarithm of the probability of each character, given the characters before it.
    public let perCharacter: [Double]

    /// The natural logarithm of the probability of the whole text.
    public var total: Double { perCharacter.reduce(0, +) }

    /// The mean loss, perplexity and bits per character.
    public var evaluation: Evaluation {
        Evaluation(characters: perCharacter.count, loss: -total / Double(max(1, perCharacter.count)))
    }
}

extension CharacterModel {
    /// Computes how probable `text` is after `prefix`, in float32.
    ///
    /// Every character of the text is scored. The model first reads the prefix or, if that is empty, what it reads before it
    /// generates text without a prefix: a line break, if the vocabulary has one. Line breaks are treated as in training, so
    /// the number of scores is that of the characters after that.
    /// - Throws: `TextError.unknownCharacters`, `BackendError`; `CancellationError` where the current task is cancelled.
    public func score(_ text: String, after prefix: String = "", device: Device = .default) throws -> TextScore {
        let before = try startTokens(prefix: prefix), scored = try encode(text)
        guard !scored.isEmpty else { return TextScore(perCharacter: []) }
        var losses: [Float] = []
        losses.reserveCapacity(before.count + scored.count)
        try network.preparedNetwork(device).withNetwork { network in
            _ = try TextEvaluator.loss(of: before + scored, under: network, rowLosses: { losses += $0 })
        }
        return TextScore(perCharacter: losses.suffix(scored.count).map { -Double($0) })
    }
}
