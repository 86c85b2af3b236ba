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
public final class TokenTrainer {
    /// The numbers of the run.
    public let plan: TrainingPlan
    /// The options that the run was made with.
    public let options: TrainingOptions
    /// What the model is made of.
    public let configuration: RNNConfiguration
    /// Epochs begun so far.
    public private(set) var epoch = 0
    /// Optimizer steps taken so far.
    public private(set) var step = 0
    /// The metrics of the last epoch.
    public private(set) var metrics: EpochMetrics?

    /// Nats per character; e^700 is nearly the largest number there is.
    private static let largestLoss = 700.0

    private let profiler: Profile?
    private let backend: any Backend
    private let network: RNNNetwork
    private var optimizer: any Optimizer
    private let clipping: GradientClipping
    private var batches: BatchSource
    private let validationTokens: [Int32]
    private let evaluator: Evaluator?
    private var characters = 0
    private var seconds = 0.0

    /// - Parameters:
    ///   - tokens: what is learned from, ids from 0 on; the end is kept aside where the options say so.
    ///   - vocabularySize: how many ids there are, V.
    ///   - embeddings: vectors `[V, D]` that the embedding begins with; their D is then the options' embedding size.
    ///   - profiled: whether ``profile`` counts where the time goes.
    /// - Throws: ``TrainingError`` for options out of range, `TextError.tooShort`, `ModelError`, `BackendError`. Traps for
    ///   tokens that are no ids.
    public init(
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
        precondition(tokens.allSatisfy { 0..<vocabularySize ~= Int($0) }, "tokens that are not in 0..<\(vocabularySize)")
        self.options = options
        plan = try TrainingPlan(options: options, characters: tokens.count)
        batches = try BatchSource(
            options.batching, tokens: Array(tokens[..<plan.trainingCharacters]), plan: plan, seed: options.seed)
        validationTokens = Array(tokens[plan.trainingCharacters...])

        profiler = profiled ? Profile() : nil
        backend = try CPUBackend(threads: options.threads, profile: profiler)
        configuration = try RNNConfiguration(
            cell: options.cell, vocabularySize: vocabularySize, hiddenSize: options.hiddenSize, layers: options.layers,
            embeddingSize: options.embeddingSize)
        let layers = RNNLayers(configuration)
        let parameters = layers.initialize(seed: options.seed, on: backend)
        if let embeddings, let table = layers.embedding?.table { parameters[table].assign(embeddings.values) }
        network = RNNNetwork(
            layers: layers, parameters: parameters, steps: plan.steps, batchSize: plan.batchSize, training: true,
            precision: backend.resolve(options.precision),
            dropout: DropoutRates(outputs: Float(options.dropout), recurrent: Float(options.recurrentDropout)), on: backend)
        evaluator = validationTokens.isEmpty ? nil : Evaluator(layers: layers, parameters: parameters, on: backend)
        optimizer = options.optimizer.make(layout: layers.layout)
        clipping = GradientClipping(norm: options.clipNorm == 0 ? nil : options.clipNorm, value: options.clipValue)
    }

    /// Whether all epochs of the plan have been gone through.
    public var isFinished: Bool { epoch >= plan.epochs }

    /// A snapshot of the model as it is now.
    public var model: RNNModel { RNNModel(configuration: configuration, parameters: network.parameters) }

    /// Numbers that are trained.
    public var parameterCount: Int { network.layers.layout.parameterCount }

    /// What the model was trained on and how far.
    public var record: TrainingRecord {
        TrainingRecord(
            corpusCharacters: plan.trainingCharacters, validationCharacters: plan.validationCharacters, epochs: epoch,
            steps: step, trainLoss: metrics?.trainLoss, validationLoss: metrics?.validationLoss,
            batchSize: plan.batchSize, sequenceLength: plan.steps, batching: options.batching,
            optimizer: options.optimizer, learningRate: plan.learningRate, schedule: options.schedule,
            clipNorm: options.clipNorm, clipValue: options.clipValue, seed: options.seed, precision: precision,
            dropout: options.dropout == 0 ? nil : options.dropout,
            recurrentDropout: options.recurrentDropout == 0 ? nil : options.recurrentDropout)
    }

    /// What products read: the options' precision, settled for this processor.
    public var precision: Precision { network.precision == .float32 ? .float32 : .bfloat16 }

    /// Where the time has gone, part by part in seconds, the longest first; empty unless the trainer was made to count.
    public var profile: [(part: String, seconds: Double)] {
        (profiler?.seconds ?? [:]).map { ($0.rawValue, $1) }.sorted { $0.seconds > $1.seconds }
    }

    /// Goes through all epochs that are left, telling `sinks` how it goes.
    /// - Throws: ``TrainingError/diverged(epoch:step:learningRate:)`` and what a sink throws.
    public func train(sinks: [any MetricSink] = []) throws {
        var sinks = sinks
        while !isFinished {
            let metrics = try trainEpoch { progress in
                for index in sinks.indices { sinks[index].record(progress) }
                return true
            }
            for index in sinks.indices { try sinks[index].record(metrics) }
        }
    }

    /// Goes through the text once.
    /// - Parameter onStep: is told how it goes after every step; returning false ends the epoch there, with the model
    ///   as it then is.
    /// - Throws: ``TrainingError/diverged(epoch:step:learningRate:)``; the parameters are then those before the step.
    @discardableResult
    public func trainEpoch(onStep: (StepProgress) -> Bool = { _ in true }) throws -> EpochMetrics {
        epoch += 1
        let clock = ContinuousClock()
        let start = clock.now
        let secondsBefore = seconds
        let epochBatches = batches.nextEpoch()
        var state = network.zeroState(batchSize: plan.batchSize)
        var totals = EpochTotals()
        var goesOn = true
        for batch in epochBatches {
            if !batches.carriesState { state = network.zeroState(batchSize: batch.batchSize) }
            try totals.add(learn(batch, state: &state))
            seconds = secondsBefore + (clock.now - start).inSeconds
            goesOn = onStep(progress(totals, steps: epochBatches.count))
            if !goesOn { break }
        }
        let metrics = EpochMetrics(
            epoch: epoch, step: step, characters: characters, seconds: seconds, trainLoss: totals.meanLoss,
            learningRate: learningRate(step: step - 1), gradientNorm: totals.norms / Double(totals.steps),
            charactersPerSecond: Double(totals.characters) / max(seconds - secondsBefore, 1e-9),
            validationLoss: goesOn ? evaluator?.evaluate(validationTokens)?.loss : nil, isComplete: goesOn)
        self.metrics = metrics
        return metrics
    }

    /// One step: forward, loss, backward, clip, update.
    private func learn(_ batch: TokenBatch, state: inout RNNState) throws -> StepResult {
        guard let gradients = network.gradients else { preconditionFailure("a network for inference cannot learn") }
        // A sequence of the seed for each step: what is dropped does not depend on what was drawn before.
        network.forward(
            tokens: batch.inputs, steps: batch.steps, batchSize: batch.batchSize, state: &state,
            dropouts: RandomSource(seed: options.seed, stream: 2 &+ UInt64(step)))
        let loss = network.loss(targets: batch.targets)
        network.backward()
        let norm = backend.measure(.optimizer) { backend.sumOfSquares(gradients.flat).squareRoot() }
        let rate = learningRate(step: step)
        // A mean loss whose perplexity no number can hold has left all sense, though it is finite.
        guard loss / Double(batch.count) < Self.largestLoss, norm.isFinite else {
            throw TrainingError.diverged(epoch: epoch, step: step + 1, learningRate: rate)
        }
        backend.measure(.optimizer) {
            optimizer.step(
                parameters: network.parameters, gradients: gradients, learningRate: rate,
                clipping: clipping.factors(gradientNorm: norm), on: backend)
        }
        network.parametersChanged()
        step += 1
        characters += batch.count
        return StepResult(loss: loss, norm: norm, characters: batch.count)
    }

    private func learningRate(step: Int) -> Double {
        plan.learningRate * options.schedule.schedule.factor(step: step, of: plan.epochs * batches.batchCount)
    }

    private func progress(_ totals: EpochTotals, steps: Int) -> StepProgress {
        let speed = Double(characters) / max(seconds, 1e-9)
        let left = batches.characterCount * plan.epochs - characters
        return StepProgress(
            epoch: epoch, epochs: plan.epochs, step: totals.steps, stepsPerEpoch: steps, loss: totals.meanLoss,
            charactersPerSecond: speed, secondsLeft: Double(max(0, left)) / speed)
    }
}

/// What one step came to; the loss is the sum over its characters.
private struct StepResult {
    let loss: Double
    let norm: Double
    let characters: Int
}

/// The sums over an epoch's steps.
private struct EpochTotals {
    var loss = 0.0
    var norms = 0.0
    var characters = 0
    var steps = 0

    var meanLoss: Double { loss / Double(characters) }

    mutating func add(_ result: StepResult) {
        loss += result.loss
        norms += result.norm
        characters += result.characters
        steps += 1
    }
}
