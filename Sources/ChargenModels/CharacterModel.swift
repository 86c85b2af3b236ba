import ChargenNN
import ChargenText

/// A model of text: a recurrent network and the characters that its tokens stand for.
///
/// It is a value that threads may share.
///
///     let model = try CharacterModel(contentsOf: "model.safetensors")
///     print(try model.generate(prefix: "The river", length: 200, seed: 7))
public struct CharacterModel: Sendable, Equatable {
    /// The network over token ids.
    public let network: RNNModel
    /// The characters and their token ids.
    public let vocabulary: Vocabulary
    /// The treatment of line breaks in training, which also applies to every text that the model reads.
    public let lineBreaks: LineBreaks
    /// The options for sampling that are used by default.
    public var sampling: SamplingOptions
    /// The record of the training that made the weights; nil if it is unknown.
    public var training: TrainingRecord?

    /// Creates a model. Traps if the network and the vocabulary differ in their number of tokens.
    public init(
        network: RNNModel, vocabulary: Vocabulary, lineBreaks: LineBreaks = .keep,
        sampling: SamplingOptions = SamplingOptions(), training: TrainingRecord? = nil
    ) {
        precondition(
            network.configuration.vocabularySize == vocabulary.count,
            "a network of \(network.configuration.vocabularySize) tokens for \(vocabulary.count) characters")
        self.network = network
        self.vocabulary = vocabulary
        self.lineBreaks = lineBreaks
        self.sampling = sampling
        self.training = training
    }

    /// Returns the token ids of `text`, with line breaks treated as in training.
    /// - Throws: `TextError.unknownCharacters`.
    public func encode(_ text: String) throws -> [Int32] {
        try vocabulary.encode(lineBreaks.normalizing(text))
    }
}
