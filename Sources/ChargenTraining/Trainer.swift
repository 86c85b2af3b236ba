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
/// of threads.
public final class Trainer {
    /// The numbers of the run.
    public let plan: TrainingPlan
    /// The options that the run was made with.
    public let options: TrainingOptions
    /// The characters of the text and their ids.
    public let vocabulary: Vocabulary
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
    private let lineBreaks: LineBreaks
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
    ///   - text: what is learned from; the end of it is kept aside where the options say so.
    ///   - lineBreaks: how line breaks were read, for the model to remember.
    ///   - profiled: whether ``profile`` counts where the time goes.
    /// - Throws: ``TrainingError`` for options out of range, `TextError.tooShort`, `ModelError`, `BackendError`.
    public init(
        text: [Character], lineBreaks: LineBreaks = .keep, options: TrainingOptions = TrainingOptions(),
        profiled: Bool = false
    ) throws {
        self.options = options
        self.lineBreaks = lineBreaks
        plan = try TrainingPlan(options: options, characters: text.count)
        vocabulary = Vocabulary(text: text)
        let tokens = try vocabulary.encode(text)
        batches = try BatchSource(
            options.batching, tokens: Array(tokens[..<plan.trainingCharacters]), plan: plan, seed: options.seed)
        validationTokens = Array(tokens[plan.trainingCharacters...])

        profiler = profiled ? Profile() : nil
        backend = try CPUBackend(threads: options.threads, profile: profiler)
        configuration = try RNNConfiguration(
            vocabularySize: vocabulary.count, hiddenSize: options.hiddenSize, layers: options.layers,
            embeddingSize: options.embeddingSize)
        let layers = RNNLayers(configuration)
        let parameters = layers.initialize(seed: options.seed, on: backend)
        network = RNNNetwork(
            layers: layers, parameters: parameters, steps: plan.steps, batchSize: plan.batchSize, training: true,
            precision: backend.resolve(options.precision), on: backend)
        evaluator = validationTokens.isEmpty ? nil : Evaluator(layers: layers, parameters: parameters, on: backend)
        optimizer = options.optimizer.make(layout: layers.layout)
        clipping = GradientClipping(norm: options.clipNorm == 0 ? nil : options.clipNorm, value: options.clipValue)
    }

    /// Whether all epochs of the plan have been gone through.
    public var isFinished: Bool { epoch >= plan.epochs }

    /// A snapshot of the model as it is now.
    public var model: CharacterModel {
        CharacterModel(
            network: RNNModel(configuration: configuration, parameters: network.parameters), vocabulary: vocabulary,
            lineBreaks: lineBreaks)
    }

    /// Numbers that are trained.
    public var parameterCount: Int { network.layers.layout.parameterCount }

    /// What the model was trained on and how far.
    public var record: TrainingRecord {
        TrainingRecord(
            corpusCharacters: plan.trainingCharacters, validationCharacters: plan.validationCharacters, epochs: epoch,
            steps: step, trainLoss: metrics?.trainLoss, validationLoss: metrics?.validationLoss,
            batchSize: plan.batchSize, sequenceLength: plan.steps, batching: options.batching,
            optimizer: options.optimizer, learningRate: plan.learningRate, schedule: options.schedule,
            clipNorm: options.clipNorm, clipValue: options.clipValue, seed: options.seed,
            precision: precision)
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
        network.forward(tokens: batch.inputs, steps: batch.steps, batchSize: batch.batchSize, state: &state)
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
