import ChargenNN
import ChargenSampling
import ChargenTensor
import ChargenText

/// Trains a character model on a text, epoch by epoch.
///
///     let trainer = try Trainer(text: Array(text))
///     while !trainer.isFinished { print(try trainer.trainEpoch().perplexity) }
///     print(try trainer.model.generate(prefix: "The ", seed: 1))
///
/// The same text, options and seed give the same model, bit for bit, on the same kind of processor, whatever the number
/// of threads. The work is ``TokenTrainer``'s; this one knows the characters.
public final class Trainer {
    /// The characters of the text and their ids.
    public let vocabulary: Vocabulary
    private let lineBreaks: LineBreaks
    private let tokens: TokenTrainer

    /// - Parameters:
    ///   - text: what is learned from; the end of it is kept aside where the options say so.
    ///   - lineBreaks: how line breaks were read, for the model to remember.
    ///   - embeddings: given the vocabulary, vectors `[V, D]` that the embedding begins with; their D is then the options'
    ///     embedding size. Nil for none.
    ///   - profiled: whether ``profile`` counts where the time goes.
    /// - Throws: ``TrainingError`` for options out of range, `TextError.tooShort`, `ModelError`, `BackendError`.
    public init(
        text: [Character], lineBreaks: LineBreaks = .keep, options: TrainingOptions = TrainingOptions(),
        embeddings: ((Vocabulary) throws -> Tensor?)? = nil, profiled: Bool = false
    ) throws {
        self.lineBreaks = lineBreaks
        vocabulary = Vocabulary(text: text)
        tokens = try TokenTrainer(
            tokens: try vocabulary.encode(text), vocabularySize: vocabulary.count, options: options,
            embeddings: try embeddings?(vocabulary), profiled: profiled)
    }

    /// The numbers of the run.
    public var plan: TrainingPlan { tokens.plan }
    /// The options that the run was made with.
    public var options: TrainingOptions { tokens.options }
    /// What the model is made of.
    public var configuration: RNNConfiguration { tokens.configuration }
    /// Epochs begun so far.
    public var epoch: Int { tokens.epoch }
    /// Optimizer steps taken so far.
    public var step: Int { tokens.step }
    /// The metrics of the last epoch.
    public var metrics: EpochMetrics? { tokens.metrics }
    /// Whether all epochs of the plan have been gone through.
    public var isFinished: Bool { tokens.isFinished }
    /// Numbers that are trained.
    public var parameterCount: Int { tokens.parameterCount }
    /// What the model was trained on and how far.
    public var record: TrainingRecord { tokens.record }
    /// What products read: the options' precision, settled for this processor.
    public var precision: Precision { tokens.precision }
    /// Where the time has gone, part by part in seconds, the longest first; empty unless the trainer was made to count.
    public var profile: [(part: String, seconds: Double)] { tokens.profile }

    /// A snapshot of the model as it is now.
    public var model: CharacterModel {
        CharacterModel(network: tokens.model, vocabulary: vocabulary, lineBreaks: lineBreaks)
    }

    /// Goes through all epochs that are left, telling `sinks` how it goes.
    /// - Throws: ``TrainingError/diverged(epoch:step:learningRate:)`` and what a sink throws.
    public func train(sinks: [any MetricSink] = []) throws { try tokens.train(sinks: sinks) }

    /// Goes through the text once.
    /// - Parameter onStep: is told how it goes after every step; returning false ends the epoch there, with the model
    ///   as it then is.
    /// - Throws: ``TrainingError/diverged(epoch:step:learningRate:)``; the parameters are then those before the step.
    @discardableResult
    public func trainEpoch(onStep: (StepProgress) -> Bool = { _ in true }) throws -> EpochMetrics {
        try tokens.trainEpoch(onStep: onStep)
    }
}
