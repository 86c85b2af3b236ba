import ChargenDevice
import ChargenNN
import ChargenTensor
import ChargenTestSupport
import ChargenText
import ChargenTraining
import Testing

@Suite struct TrainerTests {
    private func options(_ change: (inout TrainingOptions) -> Void = { _ in }) -> TrainingOptions {
        var options = TrainingOptions()
        options.cell = .lstm
        options.hiddenSize = 24
        options.batchSize = 5
        options.steps = 11
        options.epochs = 6
        options.learningRate = 0.02
        change(&options)
        return options
    }

    @Test(arguments: TrainingOptions.Batching.allCases) func learns(_ batching: TrainingOptions.Batching) throws {
        let trainer = try Trainer(
            text: sampleText(count: 3000),
            options: options {
                $0.batching = batching
                $0.validation = 0.2
            })
        let first = try trainer.trainEpoch()
        while !trainer.isFinished { try trainer.trainEpoch() }
        let last = try #require(trainer.metrics)
        // Words that come in any order leave a perplexity of about 1.6 that nobody can learn away.
        #expect(first.perplexity > 5)
        #expect(last.perplexity < 2.5)
        #expect(try #require(last.validationLoss) < 1)
        #expect(last.step == trainer.step && last.epoch == 6 && last.isComplete)
    }

    @Test(arguments: TrainingOptions.Batching.allCases)
    func theSameTwiceAndForAnyThreads(_ batching: TrainingOptions.Batching) throws {
        let models = try [1, 1, 2, 3].map { threads in
            let trainer = try Trainer(
                text: sampleText(count: 1500),
                options: options {
                    $0.batching = batching
                    $0.device = .cpu(threads: threads)
                    $0.epochs = 2
                    $0.hiddenSize = 70
                })
            try trainer.train()
            return trainer.model
        }
        for model in models { #expect(model == models[0]) }
        let other = try Trainer(
            text: sampleText(count: 1500),
            options: options {
                $0.seed = 1
                $0.hiddenSize = 70
            })
        #expect(other.model != models[0])
    }

    @Test func stopsAfterTheStepThatIsRunning() throws {
        let trainer = try Trainer(text: sampleText(count: 3000), options: options())
        var steps = 0
        let hook = LambdaHook(onStep: { loop in
            steps += 1
            if steps == 3 { loop.stop() }
        })
        let metrics = try trainer.trainEpoch(hooks: [hook])
        #expect(!metrics.isComplete && metrics.step == 3 && trainer.step == 3)
        #expect(metrics.characters == 3 * 5 * 11)
        #expect(metrics.validationLoss == nil)
    }

    @Test func perplexityIsThatOfTheWholeEpoch() throws {
        // One batch an epoch, at a rate that changes nothing: the epoch's loss is the loss of the model as it was.
        let text = sampleText(count: 5 * 11 + 1)
        let trainer = try Trainer(
            text: text,
            options: options {
                $0.learningRate = 1e-30
                $0.precision = .float32
                $0.batching = .random
            })
        let model = trainer.model
        let metrics = try trainer.trainEpoch()
        var sum = 0.0
        let tokens = try model.vocabulary.encode(text)
        for n in 0..<5 {
            sum += try #require(try model.network.evaluate(Array(tokens[n * 11...(n + 1) * 11]))).loss * 11
        }
        #expect(abs(metrics.trainLoss - sum / 55) < 1e-5)
        #expect(abs(metrics.perplexity - Evaluation(characters: 55, loss: sum / 55).perplexity) < 1e-3)
    }

    /// Products of bfloat16 change the loss by less than a batch's luck.
    @Test(arguments: [(1, nil), (2, 16)] as [(Int, Int?)])
    func bfloat16LearnsAsMuch(layers: Int, embeddingSize: Int?) throws {
        func loss(_ precision: Precision) throws -> Double {
            let trainer = try Trainer(
                text: sampleText(count: 6000),
                options: options {
                    $0.hiddenSize = 40
                    $0.layers = layers
                    $0.embeddingSize = embeddingSize
                    $0.batchSize = 10
                    $0.steps = 20
                    $0.epochs = 4
                    $0.precision = precision
                })
            #expect(trainer.loop.precision == precision)
            try trainer.train()
            #expect(trainer.tokens.record.precision == precision.rawValue)
            return try #require(trainer.metrics).trainLoss
        }
        let (exact, rounded) = (try loss(.float32), try loss(.bfloat16))
        #expect(exact != rounded)
        #expect(abs(rounded / exact - 1) < 0.01)
    }

    @Test func divergenceIsAnError() throws {
        let trainer = try Trainer(
            text: sampleText(count: 3000),
            options: options {
                $0.optimizer = .sgd
                $0.learningRate = 1000
                $0.clipNorm = 0
                $0.schedule = ConstantSchedule()
                $0.epochs = 100
                $0.recoveries = 0
            })
        do {
            try trainer.train()
            // Saturated gates may keep it finite; then the weights are.
            #expect(try trainer.model.network.tensors.allSatisfy { $0.tensor.values.allSatisfy(\.isFinite) })
        } catch let error as TrainingError {
            guard case .diverged = error else { throw error }
        }
    }

    @Test func planFitsTheText() throws {
        var plain = TrainingOptions()
        plain.cell = .lstm
        let short = try TrainingPlan(options: plain, characters: 500, vocabularySize: 65)
        #expect(short.validationCharacters == 0 && short.steps == 64 && short.batchSize == 1)
        let long = try TrainingPlan(options: plain, characters: 1_000_000, vocabularySize: 65)
        #expect(long.validationCharacters == 100_000 && long.batchSize == 32 && long.epochs == 5)
        #expect(try TrainingPlan(options: plain, characters: 20_000, vocabularySize: 65).validationCharacters == 2000)
        #expect(try TrainingPlan(options: plain, characters: 19_999, vocabularySize: 65).validationCharacters == 0)
        let tiny = try TrainingPlan(options: plain, characters: 2, vocabularySize: 65)
        #expect(tiny.steps == 1 && tiny.batchSize == 1)
        #expect(throws: TextError.tooShort(characters: 1, required: 2, batchSize: 1, steps: 1)) {
            try TrainingPlan(options: plain, characters: 1, vocabularySize: 65)
        }
        #expect(throws: TextError.tooShort(characters: 100, required: 5 * 20 + 1, batchSize: 5, steps: 20)) {
            try TrainingPlan(options: options { $0.steps = 20 }, characters: 100, vocabularySize: 65)
        }
    }

    /// A text of one character has none left to train on; its length is not negative.
    @Test func planOfTooShortTexts() {
        func plan(_ characters: Int, _ change: @escaping (inout TrainingOptions) -> Void) throws -> TrainingPlan {
            var options = TrainingOptions()
            options.cell = .lstm
            change(&options)
            return try TrainingPlan(options: options, characters: characters, vocabularySize: 65)
        }
        for characters in [0, 1, 2] {
            #expect(throws: TextError.tooShort(characters: 0, required: 2, batchSize: 1, steps: 1)) {
                try plan(characters) { $0.validation = 0.5 }
            }
        }
        #expect(throws: TextError.tooShort(characters: 1, required: 2, batchSize: 1, steps: 1)) {
            try plan(3) { $0.validation = 0.5 }
        }
        #expect(throws: TextError.tooShort(characters: 1, required: 2, batchSize: 1, steps: 1)) {
            try Trainer(text: "a", options: options {
                $0.validation = 0
                $0.batchSize = nil
                $0.steps = nil
            })
        }
        let required = 65_536 * 65_536 + 1
        #expect(throws: TextError.tooShort(characters: 900, required: required, batchSize: 65_536, steps: 65_536)) {
            try plan(1000) {
                $0.batchSize = 65_536
                $0.steps = 65_536
                $0.validation = 0.1
            }
        }
        for (batchSize, steps) in [(Int.max, 1), (1, .max), (.max, .max), (0, 5)] {
            #expect(throws: TrainingError.self) {
                try plan(1000) {
                    $0.batchSize = batchSize
                    $0.steps = steps
                }
            }
        }
    }

    /// Line breaks of any kind are one character of the vocabulary, in training and in what the model reads later.
    @Test(arguments: LineBreaks.allCases) func lineBreaksAreNormalized(_ lineBreaks: LineBreaks) throws {
        let text = String(repeating: "a\r\nb\rc\nab\r\n\r\nc", count: 20)
        let trainer = try Trainer(
            text: text, lineBreaks: lineBreaks,
            options: options {
                $0.epochs = 1
                $0.validation = 0.1
            })
        let replacement: Character = lineBreaks == .keep ? "\n" : " "
        #expect(trainer.vocabulary.characters == [replacement, "a", "b", "c"])
        try trainer.train()
        let model = trainer.model
        #expect(model.lineBreaks == lineBreaks)
        let tokens = try model.encode(text)
        #expect(tokens.count == 20 * 11 && trainer.tokens.plan.trainingCharacters + 22 == tokens.count)
        #expect(Array(tokens[..<11]) == [1, 0, 2, 0, 3, 0, 1, 2, 0, 0, 3])
        #expect(try model.encode("a\r\nb") == model.encode("a\nb") && model.encode("a\rb") == model.encode("a\nb"))
        #expect(try model.network.evaluate(tokens)?.characters == tokens.count - 1)
    }

    @Test func optionsOutOfRangeAreErrors() {
        let changes: [(inout TrainingOptions) -> Void] = [
            { $0.hiddenSize = 0 }, { $0.batchSize = 0 }, { $0.steps = -1 }, { $0.epochs = 0 },
            { $0.learningRate = 0 }, { $0.learningRate = .nan }, { $0.clipNorm = -1 }, { $0.clipValue = 0 },
            { $0.validation = 1 }, { $0.validation = -0.1 }, { $0.weightDecay = 2 }, { $0.weightDecay = -0.1 },
            { $0.weightDecay = .nan }, { $0.momentum = 1 }, { $0.momentum = -0.1 }, { $0.momentum = .nan },
        ]
        for change in changes {
            #expect(throws: TrainingError.self) { try TrainingPlan(options: options(change), characters: 5000, vocabularySize: 65) }
        }
    }

    @Test func metricsAreLinesOfJSON() throws {
        let trainer = try Trainer(text: sampleText(count: 3000), options: options { $0.epochs = 2 })
        final class Lines { var text = "" }
        let lines = Lines()
        try trainer.train(hooks: [MetricsLines { lines.text += $0 }])
        let split = lines.text.split(separator: "\n")
        #expect(split.count >= 50 && split.count { $0.contains("\"is_epoch_end\":true") } == 2)
        #expect(split.last?.contains("\"is_epoch_end\":true") == true)
        for key in ["epoch", "step", "characters", "seconds", "train_loss", "perplexity", "learning_rate",
            "gradient_norm", "characters_per_second"]
        {
            #expect(split.allSatisfy { $0.contains("\"\(key)\":") }, "\(key)")
        }
        #expect(!lines.text.contains("validation_loss"))
    }
}
