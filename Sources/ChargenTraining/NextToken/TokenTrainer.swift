import ChargenModels
import ChargenNN
import ChargenTensor
import ChargenText

/// Trains a model on token ids, epoch by epoch: notes, moves, words, or, as ``Trainer`` does, characters.
///
///     let trainer = try TokenTrainer(tokens: notes, vocabularySize: 78)
///     try trainer.train()
///     var sampler = try Sampler(trainer.model, seed: 1)
///
/// The same tokens, options and seed give the same model, bit for bit, on the same kind of processor, whatever the number
/// of threads.
public final class TokenTrainer: EpochTrainer {
    /// The numbers of the run.
    public let plan: TrainingPlan
    /// The options that the run was made with.
    public let options: TrainingOptions
    /// The architecture of the model.
    public let configuration: RNNConfiguration
    /// The training loop.
    public let loop: TrainingLoop
    /// The loss of an n-gram model on the held-out tokens; nil until ``computeBaseline(seconds:)`` computed it.
    public internal(set) var baseline: CountingBaseline?
    /// The tokens of the run: those that are trained on, and those that are held out for validation.
    let split: (training: [Int32], heldOut: [Int32])

    /// - Parameters:
    ///   - tokens: the text, ids from 0 on; its end is held out where the options say so.
    ///   - vocabularySize: how many ids there are, V.
    ///   - options: the options of the model and of its training.
    ///   - embeddings: initial vectors `[V, D]` of the embedding; their D replaces the options' embedding size.
    ///   - profiled: whether the loop counts where the time goes.
    /// - Throws: ``TrainingError`` for options out of range, `TextError.tooShort`, `LayerError.unknownToken` with the first
    ///   token that is no id and its position, `ModelError`, `BackendError`.
    public convenience init(
        tokens: [Int32], vocabularySize: Int, options: TrainingOptions = TrainingOptions(), embeddings: Tensor? = nil,
        profiled: Bool = false
    ) throws {
        var options = options
        if let embeddings {
            guard embeddings.shape.count == 2, embeddings.shape[0] == vocabularySize else {
                throw ModelError.wrongShape(
                    name: "embedding.weight", found: embeddings.shape,
                    expected: [vocabularySize, embeddings.shape.last ?? 0])
            }
            options.embeddingSize = embeddings.shape[1]
        }
        try self.init(tokens, vocabularySize: vocabularySize, options: options, profiled: profiled) { network in
            network.initialize()
            if let embeddings, let embedding = network.built.first as? BuiltEmbedding {
                network.parameters[embedding.table].assign(embeddings.values)
            }
        }
    }

    /// A trainer that starts from the weights of `model` and keeps its architecture, with an optimizer that starts anew.
    ///
    ///     let trainer = try TokenTrainer(continuing: model, tokens: moreNotes)
    ///
    /// - Parameters:
    ///   - model: the model to start from; it is not changed.
    ///   - tokens: the text, ids that the model knows; its end is held out where the options say so.
    ///   - options: the options of the training; those that describe an architecture are replaced by the model's.
    ///   - profiled: whether the loop counts where the time goes.
    /// - Throws: ``TrainingError`` for options out of range, `TextError.tooShort`, `LayerError.unknownToken` with the first
    ///   token that the model does not know and its position, `BackendError`.
    public convenience init(
        continuing model: RNNModel, tokens: [Int32], options: TrainingOptions = TrainingOptions(), profiled: Bool = false
    ) throws {
        let architecture = model.configuration
        var options = options
        options.cell = architecture.cell
        options.hiddenSize = architecture.hiddenSize
        options.layers = architecture.layers
        options.embeddingSize = architecture.embeddingSize
        options.layerNorm = architecture.layerNorm
        try self.init(
            tokens, vocabularySize: architecture.vocabularySize, options: options, profiled: profiled
        ) { network in
            network.parameters.flat.assign(try model.network(on: network.backend).parameters.flat.values)
            network.parametersChanged()
        }
    }

    /// - Parameter setWeights: sets the initial weights.
    private init(
        _ tokens: [Int32], vocabularySize: Int, options: TrainingOptions, profiled: Bool,
        setWeights: (Sequential) throws -> Void
    ) throws {
        self.options = options
        plan = try TrainingPlan(
            options: options, characters: tokens.count, vocabularySize: vocabularySize,
            operations: options.affordableOperations())
        configuration = try RNNConfiguration(
            cell: plan.cell, vocabularySize: vocabularySize, hiddenSize: plan.hiddenSize, layers: plan.layers,
            embeddingSize: options.embeddingSize, layerNorm: plan.layerNorm)
        let allowed = 0..<vocabularySize
        if let place = tokens.firstIndex(where: { !allowed.contains(Int($0)) }) {
            throw LayerError.unknownToken(tokens[place], sequence: 0, step: place, allowed: allowed)
        }
        let objective = try NextToken(
            options, tokens: tokens, vocabularySize: vocabularySize, plan: plan)
        split = (objective.trainingTokens, objective.validationTokens)
        let network = try Sequential(
            configuration.makeLayers(
                dropout: Float(plan.dropout), recurrentDropout: Float(plan.recurrentDropout)),
            seed: options.seed, on: profiled ? options.device.profiledBackend() : options.device.backend())
        try setWeights(network)
        loop = try TrainingLoop(network, objective, options: options.fitOptions(plan))
    }

    /// A snapshot of the model as it is now.
    public var model: RNNModel { RNNModel(configuration: configuration, parameters: loop.modelParameters) }

    /// What the model was trained on and how far, for the model file.
    public var record: TrainingRecord {
        var record = TrainingRecord()
        record.corpusCharacters = plan.trainingCharacters
        record.validationCharacters = plan.validationCharacters
        record.epochs = epoch
        record.steps = step
        record.trainLoss = metrics?.trainLoss
        record.validationLoss = metrics?.validationIsExact == true ? metrics?.validationLoss : nil
        record.testCharacters = plan.testCharacters == 0 ? nil : plan.testCharacters
        record.testLoss = metrics?.testIsExact == true ? metrics?.testLoss : nil
        record.timeLimit = options.time?.inSeconds
        record.kept = options.keep == .last ? nil : options.keep.rawValue
        record.recoveries = loop.recoveries == 0 ? nil : loop.recoveries
        record.baselineLoss = baseline?.evaluation.loss
        record.baselineOrder = baseline?.order
        record.batchSize = plan.batchSize
        record.sequenceLength = plan.steps
        record.batching = options.batching.rawValue
        record.optimizer = plan.optimizer.rawValue
        record.learningRate = plan.learningRate
        record.schedule = plan.schedule(options).name
        record.clipNorm = options.clipNorm
        record.clipValue = options.clipValue
        record.accumulate = options.accumulate == 1 ? nil : options.accumulate
        record.offset = options.offset ? true : nil
        record.jitter = options.jitter == 0 ? nil : options.jitter
        record.average = options.average == 0 ? nil : options.average
        record.seed = options.seed
        record.precision = loop.precision.rawValue
        record.dropout = plan.dropout == 0 ? nil : plan.dropout
        record.recurrentDropout = plan.recurrentDropout == 0 ? nil : plan.recurrentDropout
        return record
    }
}
