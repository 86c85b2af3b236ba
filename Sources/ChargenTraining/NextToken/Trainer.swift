import ChargenModels
import ChargenNN
import ChargenTensor
import ChargenText

/// Trains a character model on a text, epoch by epoch.
///
///     let trainer = try Trainer(text: text)
///     while !trainer.isFinished { print(try trainer.trainEpoch().perplexity) }
///     print(try trainer.model.generate(prefix: "The ", seed: 1))
///
/// The same text, options and seed give the same model, bit for bit, on the same kind of processor, whatever the number
/// of threads. A trainer turns the text into token ids, and a ``TokenTrainer`` trains on them.
public final class Trainer: EpochTrainer {
    /// The characters of the text and their ids.
    public let vocabulary: Vocabulary
    /// The trainer of the token ids, with the plan, the options and the architecture.
    public let tokens: TokenTrainer
    private let lineBreaks: LineBreaks
    private let sampling: SamplingOptions

    /// - Parameters:
    ///   - text: the text; its end is held out where the options say so. Its line breaks are normalized as `lineBreaks`
    ///     says, in the same way as those of any text that the model is given later.
    ///   - lineBreaks: what becomes of line breaks.
    ///   - options: the options of the model and of its training.
    ///   - embeddings: given the vocabulary, initial vectors `[V, D]` of the embedding; their D replaces the options'
    ///     embedding size. Nil for none.
    ///   - profiled: whether the loop counts where the time goes.
    /// - Throws: ``TrainingError`` for options out of range, `TextError.tooShort`, `ModelError`, `BackendError`.
    public init(
        text: String, lineBreaks: LineBreaks = .keep, options: TrainingOptions = TrainingOptions(),
        embeddings: ((Vocabulary) throws -> Tensor?)? = nil, profiled: Bool = false
    ) throws {
        let text = lineBreaks.normalizing(text)
        self.lineBreaks = lineBreaks
        sampling = SamplingOptions()
        vocabulary = Vocabulary(text: text)
        tokens = try TokenTrainer(
            tokens: try vocabulary.encode(text), vocabularySize: vocabulary.count, options: options,
            embeddings: try embeddings?(vocabulary), profiled: profiled)
    }

    /// A trainer that starts from the weights of `model` and keeps its vocabulary, its rule for line breaks, its options for
    /// sampling and its architecture, with an optimizer that starts anew.
    ///
    ///     let trainer = try Trainer(continuing: CharacterModel(contentsOf: "model.safetensors"), text: otherText)
    ///
    /// - Parameters:
    ///   - model: the model to start from; it is not changed.
    ///   - text: the text; its end is held out where the options say so.
    ///   - options: the options of the training; those that describe an architecture are replaced by the model's.
    ///   - profiled: whether the loop counts where the time goes.
    /// - Throws: `TextError.unknownCharacters` for characters that the model does not know, ``TrainingError`` for options
    ///   out of range, `TextError.tooShort`, `BackendError`.
    public init(
        continuing model: CharacterModel, text: String, options: TrainingOptions = TrainingOptions(), profiled: Bool = false
    ) throws {
        lineBreaks = model.lineBreaks
        sampling = model.sampling
        vocabulary = model.vocabulary
        tokens = try TokenTrainer(
            continuing: model.network, tokens: try model.encode(text), options: options, profiled: profiled)
    }

    /// The training loop.
    public var loop: TrainingLoop { tokens.loop }

    /// A snapshot of the model as it is now, with the record of its training so far.
    public var model: CharacterModel {
        CharacterModel(network: tokens.model, vocabulary: vocabulary, lineBreaks: lineBreaks, sampling: sampling,
            training: tokens.record)
    }
}
