import ChargenModels
import ChargenNN
import ChargenTensor
import ChargenTestSupport
import ChargenText
import ChargenTraining
import Testing

/// Training that starts from a trained model's weights.
@Suite struct ContinuingTests {
    private static let text = sampleText(count: 3000)

    private func options(_ change: (inout TrainingOptions) -> Void = { _ in }) -> TrainingOptions {
        var options = TrainingOptions()
        options.cell = .lstm
        options.hiddenSize = 24
        options.batchSize = 6
        options.steps = 20
        options.epochs = 3
        options.seed = 5
        change(&options)
        return options
    }

    private func trained(_ change: (inout TrainingOptions) -> Void = { _ in }) throws -> CharacterModel {
        let trainer = try Trainer(text: Self.text, lineBreaks: .space, options: options(change))
        try trainer.train()
        var model = trainer.model
        model.sampling = SamplingOptions(temperature: 0.4, topK: 3)
        return model
    }

    @Test(arguments: RNNConfiguration.Cell.allCases, [nil, 7]) func startsFromTheWeights(
        _ cell: RNNConfiguration.Cell, _ embeddingSize: Int?
    ) throws {
        let model = try trained {
            $0.cell = cell
            $0.layers = 2
            $0.embeddingSize = embeddingSize
            $0.epochs = 1
        }
        // The options ask for another architecture, and for dropouts, which have no weights.
        let trainer = try Trainer(
            continuing: model, text: Self.text,
            options: options {
                $0.cell = cell == .gru ? .lstm : .gru
                $0.hiddenSize = 11
                $0.embeddingSize = 13
                $0.dropout = 0.2
                $0.recurrentDropout = 0.1
            })
        let found = trainer.model
        #expect(found.network == model.network)
        #expect(found.vocabulary == model.vocabulary && found.lineBreaks == .space && found.sampling == model.sampling)
        #expect(found.training?.steps == 0 && trainer.step == 0)
        #expect(trainer.tokens.options.hiddenSize == 24 && trainer.tokens.options.embeddingSize == embeddingSize)
        try trainer.trainEpoch()
        #expect(trainer.model.network != model.network)
    }

    @Test func lowersTheLossFromWhereItWas() throws {
        let model = try trained()
        let before = try #require(model.training?.trainLoss)
        let trainer = try Trainer(continuing: model, text: Self.text, options: options { $0.learningRate = 3e-3 })
        let first = try trainer.trainEpoch().trainLoss
        try trainer.train()
        let last = try #require(trainer.metrics).trainLoss
        let anew = try Trainer(text: Self.text, options: options()).trainEpoch().trainLoss
        #expect(first < before && last < first && first < 0.9 * anew, "\(anew) \(before) \(first) \(last)")
    }

    /// The model's own rule for line breaks applies: without it, the line break of this text would be unknown.
    @Test func charactersThatTheModelDoesNotKnow() throws {
        let model = try trained { $0.epochs = 1 }
        #expect(model.vocabulary.id(of: "\n") == nil)
        #expect(throws: Never.self) { try Trainer(continuing: model, text: Self.text + "\r\n", options: options()) }
        let text = "aé" + Self.text + "分é"
        let unknown = [
            TextError.UnknownCharacter(character: "é", offsets: [1, Self.text.count + 3]),
            TextError.UnknownCharacter(character: "分", offsets: [Self.text.count + 2]),
        ]
        #expect(throws: TextError.unknownCharacters(unknown)) {
            try Trainer(continuing: model, text: text, options: options())
        }
    }

    @Test(arguments: [(-1, 0), (9, 17), (Int32.max, 159), (Int32.min, 60)] as [(Int32, Int)])
    func tokensThatAreNoIDs(_ token: Int32, _ place: Int) throws {
        var tokens = (0..<160).map { Int32($0 * $0 % 9) }
        let model = try TokenTrainer(tokens: tokens, vocabularySize: 9, options: options()).model
        tokens[place] = token
        if place < 159 { tokens[159] = 10 }
        let error = LayerError.unknownToken(token, sequence: 0, step: place, allowed: 0..<9)
        #expect(throws: error) { try TokenTrainer(tokens: tokens, vocabularySize: 9, options: options()) }
        #expect(throws: error) { try TokenTrainer(continuing: model, tokens: tokens, options: options()) }
    }

    @Test(arguments: [0, -3]) func vocabulariesOfNoSize(_ size: Int) {
        #expect(throws: ModelError.self) {
            try TokenTrainer(tokens: [Int32](repeating: 0, count: 50), vocabularySize: size, options: options {
                $0.batchSize = nil
                $0.steps = nil
            })
        }
    }
}
