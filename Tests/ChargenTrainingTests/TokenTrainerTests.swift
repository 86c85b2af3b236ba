import ChargenDevice
import ChargenModels
import ChargenNN
import ChargenSampling
import ChargenTensor
import ChargenTestSupport
import ChargenTraining
import Testing

/// Models over any token ids: a tune of 78 values, as a course's improviser reads them.
@Suite struct TokenTrainerTests {
    private static let values = 78

    /// A tune of four phrases over a few of the values, again and again, each time from another step of a scale.
    private static let tune: [Int32] = {
        let scale: [Int32] = [3, 9, 14, 22, 31, 40, 47, 55, 61, 70, 77]
        let phrase = [0, 2, 4, 2, 5, 4, 2, 0, 7, 5, 4, 2, 4, 2, 1, 0]
        return (0..<24).flatMap { round in phrase.map { scale[($0 + round % 3) % scale.count] } }
    }()

    private func options(_ cell: RNNConfiguration.Cell) -> TrainingOptions {
        var options = TrainingOptions()
        options.cell = cell
        options.hiddenSize = 64
        options.batchSize = 8
        options.steps = 16
        options.epochs = 60
        options.validation = 0
        return options
    }

    @Test(arguments: RNNConfiguration.Cell.allCases) func learnsATuneAndPlaysOn(_ cell: RNNConfiguration.Cell) throws {
        let trainer = try TokenTrainer(tokens: Self.tune, vocabularySize: Self.values, options: options(cell))
        try trainer.train()
        #expect(trainer.metrics!.perplexity < 1.3)
        let model = trainer.model
        #expect(model.configuration.vocabularySize == 78 && model.configuration.cell == cell)
        // From the tune's own beginning the likeliest tokens are the tune's.
        var sampler = try Sampler(model, options: SamplingOptions(greedy: true), seed: 1, precision: .float32)
        try sampler.start(with: Array(Self.tune[..<20]))
        #expect((0..<12).map { _ in sampler.next()! } == Array(Self.tune[20..<32]))
    }

    /// One shared LSTM cell and one shared dense layer, stepped T times from (a0, c0), outputs as a list: the same numbers
    /// as the model gives; then the same weights playing freely.
    @Test func oneCellAndOneDenseLayerStepped() throws {
        let trainer = try TokenTrainer(tokens: Self.tune, vocabularySize: Self.values, options: options(.lstm))
        try trainer.trainEpoch()
        let model = trainer.model, layers = try model.sequential()
        let weights = layers.weights.map(\.tensor)
        let cell = try LSTMCell(units: 64, inputSize: Self.values)
        try cell.setWeights(Array(weights[..<3]))
        let dense = try Sequential([Dense(units: Self.values)], inputSize: 64)
        try dense.setWeights(Array(weights[3...]))
        func oneHot(_ token: Int32) -> Tensor {
            var x = Tensor(zeros: [1, Self.values])
            x.values[Int(token)] = 1
            return x
        }

        var state = cell.zeroState(batchSize: 1)
        let inputs = Array(Self.tune[..<30])
        var outputs: [Tensor] = []
        for token in inputs {
            let step = try cell(oneHot(token), state: state)
            state = step.state
            outputs.append(try dense(.values(step.output)).output)
        }
        let expected = try model.forward(tokens: inputs, batchSize: 1)
        expectClose(outputs.flatMap(\.values), expected.logits.values, absolute: 1e-5)
        expectClose(state.hidden.values, expected.state.hidden.values, absolute: 1e-5)
        expectClose(state.cell!.values, expected.state.cell!.values, absolute: 1e-5)

        var sampler = try Sampler(model, options: SamplingOptions(greedy: true), seed: 1, precision: .float32)
        try sampler.start(with: inputs)
        var last = outputs.last!
        for _ in 0..<10 {
            let token = Int32(last.values.indices.max { last.values[$0] < last.values[$1] }!)
            #expect(sampler.next() == token)
            let step = try cell(oneHot(token), state: state)
            state = step.state
            last = try dense(.values(step.output)).output
        }
    }

    @Test func dropoutIsDrawnFromTheSeed() throws {
        func train(seed: UInt64, dropout: Double, threads: Int) throws -> RNNModel {
            var options = options(.gru)
            options.layers = 2
            options.epochs = 2
            options.seed = seed
            options.dropout = dropout
            options.recurrentDropout = dropout / 2
            options.device = .cpu(threads: threads)
            let trainer = try TokenTrainer(tokens: Self.tune, vocabularySize: Self.values, options: options)
            try trainer.train()
            #expect(trainer.record.dropout == (dropout == 0 ? nil : dropout))
            return trainer.model
        }
        let model = try train(seed: 1, dropout: 0.3, threads: 1)
        #expect(try train(seed: 1, dropout: 0.3, threads: 3) == model)
        #expect(try train(seed: 1, dropout: 0, threads: 1) != model)
        #expect(try train(seed: 2, dropout: 0.3, threads: 1) != model)
    }

    @Test func pretrainedVectorsAreWhereTheEmbeddingBegins() throws {
        var options = options(.lstm)
        options.epochs = 1
        options.learningRate = 1e-9
        let vectors = Tensor(shape: [78, 5], values: (0..<390).map { Float($0) * 0.01 })
        let trainer = try TokenTrainer(
            tokens: Self.tune, vocabularySize: Self.values, options: options, embeddings: vectors)
        #expect(trainer.configuration.embeddingSize == 5)
        try trainer.train()
        let table = try trainer.model.tensors.first { $0.name == "embedding.weight" }!.tensor
        expectClose(table.values, vectors.values, absolute: 1e-6)
        #expect(throws: ModelError.wrongShape(name: "embedding.weight", found: [77, 5], expected: [78, 5])) {
            try TokenTrainer(
                tokens: Self.tune, vocabularySize: Self.values, options: options, embeddings: Tensor(zeros: [77, 5]))
        }
    }
}
