import Chargen

/// The work of the benchmark, done by chargen.
struct OurWork {
    /// Threads that the work is split over.
    let threadCount: Int
    /// The instruction set of the kernels that run.
    let instructionSet: String

    /// Counts steps, and stops the training when the time is over.
    private final class Stopwatch: TrainingHook {
        private let seconds: Double
        private let clock = ContinuousClock()
        private var start: ContinuousClock.Instant
        private var steps = 0
        private var elapsed = 0.0

        /// Steps before the clock starts, which touch the memory and wake the threads.
        private static let warmUpSteps = 3

        init(seconds: Double) {
            self.seconds = seconds
            start = clock.now
        }

        var isDone: Bool { elapsed >= seconds }
        var stepsPerSecond: Double { Double(steps - Self.warmUpSteps) / elapsed }

        func stepFinished(_ loop: TrainingLoop) {
            steps += 1
            if steps == Self.warmUpSteps { start = clock.now }
            guard steps > Self.warmUpSteps else { return }
            elapsed = OurWork.seconds(clock.now - start)
            if isDone { loop.stop() }
        }
    }

    /// `threads` nil takes one for each core.
    init(threads: Int?) throws {
        threadCount = threads ?? Processor.availableThreads
        instructionSet = try Processor.instructionSet().rawValue
    }

    /// FLOP/s of products with packed weights, over `seconds` on all threads.
    func peak(bfloat16: Bool, seconds: Double) throws -> Double {
        try Processor.peakOperations(bfloat16 ? .bfloat16 : .float32, threads: threadCount, seconds: seconds)
    }

    /// Characters trained per second, and seconds by part where `profile` is true. `embedding` nil is a one-hot input.
    func train(
        _ configuration: TrainingConfiguration, embedding: Int?, precision: OurPrecision, seconds: Double, profile: Bool
    ) throws -> TrainingFigure {
        var options = TrainingOptions()
        options.cell =
            switch configuration.cell {
            case .lstm: .lstm
            case .gru: .gru
            case .rnn: .rnn
            case .mlstm, .normalizedMLSTM: .mlstm
            }
        options.layerNorm = configuration.cell == .normalizedMLSTM
        options.hiddenSize = configuration.hidden
        options.layers = configuration.layers
        options.embeddingSize = embedding
        options.batchSize = configuration.batch
        options.steps = configuration.steps
        options.epochs = 1_000_000
        options.learningRate = 2e-3
        options.schedule = ConstantSchedule()
        options.validation = 0
        options.device = .cpu(threads: threadCount)
        options.precision = precision.ours
        let text = Self.text(
            vocabulary: configuration.vocabulary, count: 20 * configuration.batch * configuration.steps + 1)
        let trainer = try Trainer(text: text, options: options, profiled: profile)
        let stopwatch = Stopwatch(seconds: seconds)
        while !stopwatch.isDone { try trainer.trainEpoch(hooks: [stopwatch]) }
        return TrainingFigure(
            speed: stopwatch.stepsPerSecond * Double(configuration.batch * configuration.steps),
            precision: trainer.loop.precision.rawValue, parts: trainer.loop.profile.map { ($0.part, $0.seconds) })
    }

    /// Examples that a classifier is trained on per second.
    func fit(_ configuration: FitConfiguration, precision: OurPrecision, seconds: Double) throws -> TrainingFigure {
        let model = try Sequential(Self.layers(configuration), device: .cpu(threads: threadCount))
        let (inputs, targets) = Self.examples(configuration)
        var options = FitOptions(
            epochs: 1_000_000, batchSize: configuration.batch, learningRate: configuration.learningRate)
        options.clipNorm = configuration.clipNorm
        options.precision = precision.ours
        // The batches stay those of the peers, which differ in their padding.
        options.shuffle = false
        let stopwatch = Stopwatch(seconds: seconds)
        let loop = try model.trainingLoop(inputs, targets, loss: .sparseCategoricalCrossentropy, options: options)
        try loop.train(hooks: [stopwatch])
        return TrainingFigure(
            speed: stopwatch.stepsPerSecond * Double(configuration.batch), precision: loop.precision.rawValue, parts: [])
    }

    /// The layers of a classifier.
    private static func layers(_ configuration: FitConfiguration) -> [any Layer] {
        let dropout: [any Layer] = configuration.dropout > 0 ? [Dropout(rate: Float(configuration.dropout))] : []
        var layers: [any Layer] = [
            Embedding(
                inputDim: configuration.vocabulary, outputDim: configuration.embedding,
                maskZero: configuration.steps == nil)
        ]
        layers += dropout
        for layer in 1...configuration.layers {
            layers.append(LSTM(units: configuration.hidden, returnSequences: layer < configuration.layers))
            layers += dropout
        }
        if let units = configuration.dense {
            layers.append(Dense(units: units, activation: .relu))
            layers += dropout
        }
        return layers + [Dense(units: configuration.classes, activation: .softmax)]
    }

    /// Random tokens, padded at their ends, and classes.
    private static func examples(_ configuration: FitConfiguration) -> (LayerInput, Tensor) {
        var random = RandomSource(seed: 1)
        func below(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
        let lengths = configuration.lengths, width = lengths.max() ?? 0
        let tokens = lengths.flatMap { length in
            (0..<width).map { $0 < length ? Int32(1 + below(configuration.vocabulary - 1)) : 0 }
        }
        let classes = lengths.map { _ in Float(below(configuration.classes)) }
        return (.tokens(tokens, count: lengths.count), Tensor(shape: [lengths.count, 1], values: classes))
    }

    /// Characters written per second over all `streams`.
    func sample(_ configuration: SamplingConfiguration, streams: Int, seconds: Double) throws -> Double {
        let model = try RNNModel(
            configuration: RNNConfiguration(
                vocabularySize: configuration.vocabulary, hiddenSize: configuration.hidden,
                layers: configuration.layers),
            seed: 0)
        var sampler = try Sampler(model, seed: 0, streamCount: streams, device: .cpu(threads: threadCount))
        try sampler.start(with: [0])
        let clock = ContinuousClock(), start = clock.now
        var characters = 0
        while Self.seconds(clock.now - start) < seconds {
            for _ in 0..<10 { characters += try sampler.nextTokens().count }
        }
        return Double(characters) / Self.seconds(clock.now - start)
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }

    /// `count` random characters of `vocabulary` different ones, each at least once. A training step on them takes the same
    /// time as a step on a text.
    private static func text(vocabulary: Int, count: Int) -> String {
        var random = RandomSource(seed: 1)
        return String(
            (0..<count).map { index in
                let token = index < vocabulary ? index : Int(random.next() % UInt64(vocabulary))
                return Character(UnicodeScalar(UInt32(0x4E00 + token)) ?? "?")
            })
    }
}
