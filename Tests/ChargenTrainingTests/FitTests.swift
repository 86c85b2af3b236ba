import ChargenDevice
import ChargenNN
import ChargenTensor
import ChargenTestSupport
import ChargenText
import ChargenTraining
import Testing

/// What a course on recurrent layers builds with them, on small data of our own.
@Suite struct FitTests {
    /// Sentences over a few words, of which the last decides unless "not" stands before it.
    private func sentences(_ count: Int, seed: UInt64) -> (tokens: [[Int32]], positive: [Bool]) {
        // 1 not, 2…4 good words, 5…7 bad words, 8…11 others.
        var random = RandomSource(seed: seed)
        func draw(_ range: ClosedRange<Int32>) -> Int32 {
            range.lowerBound + Int32(random.next() % UInt64(range.count))
        }
        let all = (0..<count).map { _ -> ([Int32], Bool) in
            let isGood = random.next() % 2 == 0, isNegated = random.next() % 2 == 0
            let lead = (0..<Int(draw(1...3))).map { _ in draw(8...11) }
            return (lead + (isNegated ? [1] : [draw(8...11)]) + [isGood ? draw(2...4) : draw(5...7)], isGood != isNegated)
        }
        return (all.map(\.0), all.map(\.1))
    }

    private func binary(_ answers: [Bool]) -> Tensor {
        Tensor(shape: [answers.count, 1], values: answers.map { $0 ? 1 : 0 })
    }

    /// Embedding, two recurrent layers with dropout, dense relu, dropout, dense sigmoid; binary cross-entropy.
    @Test(arguments: ["LSTM", "GRU"]) func sentiment(_ kind: String) throws {
        func layer(returnSequences: Bool) -> any Layer {
            kind == "LSTM"
                ? LSTM(units: 16, returnSequences: returnSequences, dropout: 0.1, recurrentDropout: 0.1)
                : GRU(units: 16, returnSequences: returnSequences, dropout: 0.1, recurrentDropout: 0.1)
        }
        let model = try Sequential([
            Embedding(inputDim: 12, outputDim: 8, maskZero: true), layer(returnSequences: true),
            layer(returnSequences: false), Dense(units: 32, activation: .relu), Dropout(rate: 0.2),
            Dense(units: 1, activation: .sigmoid),
        ])
        let training = sentences(300, seed: 1), other = sentences(100, seed: 2)
        func input(_ sequences: [[Int32]]) -> LayerInput {
            let padded = padSequences(sequences)
            return .tokens(padded.tokens, count: padded.count)
        }
        let history = try model.fit(
            input(training.tokens), binary(training.positive), loss: .binaryCrossentropy,
            options: FitOptions(epochs: 20, batchSize: 20, learningRate: 1e-2),
            validation: (input(other.tokens), binary(other.positive)))
        #expect(history.map(\.epoch) == Array(1...20))
        let (first, last) = (history[0], history[19])
        #expect(last.trainLoss < first.trainLoss / 2)
        #expect(last.validationAccuracy! > 0.95 && last.accuracy! > 0.9 && last.validationLoss! < 0.3)
        let evaluation = try model.evaluate(input(other.tokens), binary(other.positive), loss: .binaryCrossentropy)
        #expect(evaluation.accuracy == last.validationAccuracy)
        // Probabilities, in the order of the examples, however many are read at once.
        let all = try model.predict(input(other.tokens))
        #expect(all.shape == [100, 1])
        let right = zip(all.values, other.positive).count { ($0 > 0.5) == $1 }
        #expect(Double(right) / 100 == evaluation.accuracy)
        expectClose(try model.predict(input(other.tokens), batchSize: 7).values, all.values, absolute: 1e-6)
    }

    /// Word indices, pretrained vectors, LSTM returning sequences, dropout, LSTM, dropout, dense softmax; categorical
    /// cross-entropy.
    @Test func emoji() throws {
        // Three kinds of words (vectors near three corners), and each sentence is about the kind that most words are of.
        var random = RandomSource(seed: 5)
        let vectors = Tensor(
            shape: [31, 4],
            values: (0..<31).flatMap { word in
                (0..<4).map { column in (word % 3 == column ? 1 : 0) + Float(random.normal()) * 0.2 }
            })
        func examples(_ count: Int, words: Range<Int>) -> (LayerInput, Tensor) {
            var sequences: [[Int32]] = [], labels: [Float] = []
            for _ in 0..<count {
                let kind = Int(random.next() % 3)
                let own = words.filter { $0 % 3 == kind }, others = words.filter { $0 % 3 != kind }
                let picked = (0..<3).map { _ in own[Int(random.next() % UInt64(own.count))] }
                    + [others[Int(random.next() % UInt64(others.count))]]
                sequences.append(picked.map { Int32($0) })
                labels += (0..<3).map { $0 == kind ? 1 : 0 }
            }
            return (.tokens(sequences), Tensor(shape: [count, 3], values: labels))
        }
        let model = try Sequential([
            Embedding(weights: vectors), LSTM(units: 24, returnSequences: true), Dropout(rate: 0.3), LSTM(units: 24),
            Dropout(rate: 0.3), Dense(units: 3), Activation.softmax,
        ])
        let (inputs, targets) = examples(120, words: 1..<16)
        try model.fit(
            inputs, targets, loss: .categoricalCrossentropy, options: FitOptions(epochs: 15, learningRate: 1e-2))
        // Words that it has never seen, but whose vectors lie near those that it has.
        let (unseen, answers) = examples(60, words: 16..<31)
        #expect(try model.evaluate(unseen, answers, loss: .categoricalCrossentropy).accuracy! >= 0.9)
        #expect(model.weights[0].tensor == vectors)
    }

    /// A short series: from three numbers the next.
    @Test(arguments: ["LSTM", "SimpleRNN"]) func regression(_ kind: String) throws {
        let series = (1...10).map { Float($0) / 10 }
        let inputs = Tensor(shape: [7, 3, 1], values: (0..<7).flatMap { series[$0..<$0 + 3] })
        let targets = Tensor(shape: [7, 1], values: Array(series[3...]))
        let layer: any Layer = kind == "LSTM" ? LSTM(units: 12) : SimpleRNN(units: 12)
        let model = try Sequential([layer, Dense(units: 1)], inputSize: 1, seed: 3)
        let history = try model.fit(
            .values(inputs), targets, loss: .meanSquaredError,
            options: FitOptions(epochs: 300, batchSize: 7, learningRate: 1e-2))
        #expect(history.last!.trainLoss < 5e-4)
        #expect(history.last!.accuracy == nil)
        let next = try model.predict(.values(Tensor(shape: [1, 3, 1], values: [0.45, 0.55, 0.65]))).values[0]
        #expect(abs(next - 0.75) < 0.05)
    }

    /// One class for each step of a sequence.
    @Test func everyStepHasATarget() throws {
        var random = RandomSource(seed: 8)
        let tokens = (0..<60).map { _ in (0..<6).map { _ in Int32(random.next() % 4) } }
        // Whether the token before was the same: a thing to remember.
        let targets = tokens.flatMap { row in row.indices.map { Float($0 > 0 && row[$0] == row[$0 - 1] ? 1 : 0) } }
        let model = try Sequential([
            Embedding(inputDim: 4, outputDim: 6), GRU(units: 16, returnSequences: true),
            Dense(units: 2, activation: .softmax),
        ])
        try model.fit(
            .tokens(tokens), Tensor(shape: [60, 6], values: targets), loss: .sparseCategoricalCrossentropy,
            options: FitOptions(epochs: 60, batchSize: 10, learningRate: 1e-2))
        let found = try model.evaluate(
            .tokens(tokens), Tensor(shape: [60, 6], values: targets), loss: .sparseCategoricalCrossentropy)
        #expect(found.accuracy! > 0.98)
    }

    @Test func sameSeedSameWeights() throws {
        func weights(seed: UInt64, threads: Int) throws -> [Tensor] {
            let model = try Sequential(
                [Embedding(inputDim: 12, outputDim: 4), Dropout(rate: 0.2), GRU(units: 20, recurrentDropout: 0.2), Dense(units: 1, activation: .sigmoid)],
                seed: seed, device: .cpu(threads: threads))
            let examples = sentences(40, seed: 3), padded = padSequences(examples.tokens)
            try model.fit(
                .tokens(padded.tokens, count: 40), binary(examples.positive), loss: .binaryCrossentropy,
                options: FitOptions(epochs: 2))
            return model.weights.map(\.tensor)
        }
        let first = try weights(seed: 1, threads: 1)
        #expect(try weights(seed: 1, threads: 3) == first)
        #expect(try weights(seed: 2, threads: 1) != first)
    }

    @Test func whatCannotBeFitted() throws {
        let model = try Sequential([SimpleRNN(units: 3), Dense(units: 2)], inputSize: 1)
        let inputs = LayerInput.values(Tensor(zeros: [4, 3, 1]))
        #expect(throws: LayerError.self) {
            try model.fit(inputs, Tensor(zeros: [4, 2]), loss: .categoricalCrossentropy)
        }
        #expect(throws: LayerError.wrongShape(what: "the targets", found: [3, 2], expected: [4, nil])) {
            try model.fit(inputs, Tensor(zeros: [3, 2]), loss: .meanSquaredError)
        }
        #expect(throws: LayerError.self) { try model.fit(inputs, Tensor(zeros: [4, 3]), loss: .meanSquaredError) }
        #expect(throws: TrainingError.outOfRange(option: "epochs", value: "0.0", allowed: "above 0, up to 1000000")) {
            try model.fit(inputs, Tensor(zeros: [4, 2]), loss: .meanSquaredError, options: FitOptions(epochs: 0))
        }
        #expect(throws: TrainingError.self) {
            let wild = Tensor(shape: [4, 2], values: [Float](repeating: 1e30, count: 8))
            try model.fit(inputs, wild, loss: .meanSquaredError)
        }
        let classes = try Sequential([SimpleRNN(units: 3), Dense(units: 2, activation: .softmax)], inputSize: 1)
        #expect(
            throws: LayerError.outOfRange(layer: "target 3", option: "class", value: "2.0", allowed: "0 to 1")
        ) {
            try classes.evaluate(
                inputs, Tensor(shape: [4], values: [0, 1, 1, 2]), loss: .sparseCategoricalCrossentropy)
        }
        var epochs = 0
        let hook = LambdaHook(onEpoch: { loop, _ in
            epochs += 1
            if epochs == 3 { loop.stop() }
        })
        try model.fit(inputs, Tensor(zeros: [4, 2]), loss: .meanSquaredError, hooks: [hook])
        #expect(epochs == 3)
    }
}
