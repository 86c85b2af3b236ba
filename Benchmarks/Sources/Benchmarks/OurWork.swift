import Chargen

/// Everything that the benchmark asks of chargen.
struct OurWork {
    /// Threads that the work is split over.
    let threadCount: Int
    /// The instruction set of the kernels that run.
    let instructionSet: String

    /// Steps before the clock starts: memory is touched and threads are awake then.
    private static let warmUpSteps = 3

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
            }
        options.hiddenSize = configuration.hidden
        options.layers = configuration.layers
        options.embeddingSize = embedding
        options.batchSize = configuration.batch
        options.steps = configuration.steps
        options.epochs = 1_000_000
        options.learningRate = 2e-3
        options.schedule = .constant
        options.validation = 0
        options.threads = threadCount
        options.precision =
            switch precision {
            case .automatic: .automatic
            case .float32: .float32
            case .bfloat16: .bfloat16
            }
        let text = Self.text(
            vocabulary: configuration.vocabulary, count: 20 * configuration.batch * configuration.steps + 1)
        let trainer = try Trainer(text: text, options: options, profiled: profile)
        let clock = ContinuousClock()
        var start = clock.now, steps = 0, characters = 0
        var isRunning = true
        while isRunning {
            try trainer.trainEpoch { _ in
                steps += 1
                if steps == Self.warmUpSteps {
                    start = clock.now
                } else if steps > Self.warmUpSteps {
                    characters += configuration.batch * configuration.steps
                    isRunning = Self.seconds(clock.now - start) < seconds
                }
                return isRunning
            }
        }
        return TrainingFigure(
            speed: Double(characters) / Self.seconds(clock.now - start),
            precision: trainer.precision.rawValue, parts: trainer.profile.map { ($0.part, $0.seconds) })
    }

    /// Examples that a classifier is trained on per second.
    func fit(_ configuration: FitConfiguration, seconds: Double) throws -> TrainingFigure {
        let model = try Sequential(Self.layers(configuration), threads: threadCount)
        let (inputs, targets) = Self.examples(configuration)
        var options = FitOptions(
            epochs: 1_000_000, batchSize: configuration.batch, learningRate: configuration.learningRate)
        options.clipNorm = configuration.clipNorm
        // The batches stay those of the peers, which differ in their padding.
        options.shuffle = false
        let clock = ContinuousClock()
        var start = clock.now, steps = 0
        try model.fit(
            inputs, targets, loss: .sparseCategoricalCrossentropy, options: options,
            onStep: { _ in
                steps += 1
                if steps == Self.warmUpSteps { start = clock.now }
                return steps <= Self.warmUpSteps || Self.seconds(clock.now - start) < seconds
            })
        let examples = (steps - Self.warmUpSteps) * configuration.batch
        return TrainingFigure(
            speed: Double(examples) / Self.seconds(clock.now - start), precision: OurPrecision.float32.rawValue,
            parts: [])
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
        var sampler = try Sampler(model, seed: 0, streamCount: streams, threads: threadCount)
        sampler.start(with: [0])
        let clock = ContinuousClock(), start = clock.now
        var characters = 0
        while Self.seconds(clock.now - start) < seconds {
            for _ in 0..<10 { characters += sampler.nextTokens().count }
        }
        return Double(characters) / Self.seconds(clock.now - start)
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }

    /// `count` characters of `vocabulary` different ones, each at least once: learning anything from them takes no less
    /// time than from a text.
    private static func text(vocabulary: Int, count: Int) -> [Character] {
        var random = RandomSource(seed: 1)
        return (0..<count).map { index in
            let token = index < vocabulary ? index : Int(random.next() % UInt64(vocabulary))
            return Character(UnicodeScalar(UInt32(0x4E00 + token)) ?? "?")
        }
    }
}
