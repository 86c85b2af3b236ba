import Chargen
import ChargenTestSupport
import Foundation
import Testing

/// Classifiers of texts.
@Suite struct ClassifierTests {
    /// Moods of a few words, told by the last of them.
    private static let texts: [String] = ["sun", "rain", "wind", "snow", "night"].flatMap { subject in
        ["brings", "and", "with", "before"].flatMap { verb in
            ["joy", "calm", "grief", "fear"].map { "the \(subject) \(verb) \($0)" }
        }
    }
    private static let labels = texts.map { $0.hasSuffix("joy") || $0.hasSuffix("calm") ? 1 : 0 }

    private func trainer(
        heldOut: (texts: [String], labels: [Int])? = nil, _ change: (inout ClassifierOptions) -> Void = { _ in }
    ) throws -> ClassifierTrainer {
        var options = ClassifierOptions()
        options.configuration.hiddenSize = 12
        options.configuration.embeddingSize = 8
        options.epochs = 12
        options.dropout = 0.1
        change(&options)
        return try ClassifierTrainer(
            texts: Self.texts, labels: Self.labels, labelNames: ["dark", "light"], options: options,
            heldOut: heldOut)
    }

    @Test(arguments: RNNConfiguration.Cell.allCases, [false, true])
    func learnsAndComesBackFromItsFile(_ cell: RNNConfiguration.Cell, _ bidirectional: Bool) throws {
        let trainer = try trainer(heldOut: (Self.texts, Self.labels)) {
            $0.configuration.cell = cell
            $0.configuration.bidirectional = bidirectional
            $0.configuration.layers = 2
            $0.epochs = 20
        }
        var epochs: [Int] = []
        try trainer.train(hooks: [LambdaHook(onEpoch: { epochs.append($1.epoch) })])
        #expect(epochs == Array(1...20))
        #expect(trainer.metrics!.validationAccuracy! > 0.95)
        let classifier = trainer.classifier
        let predictions = try classifier.predict(Self.texts)
        let table = ConfusionTable(
            labelNames: classifier.labelNames, actual: Self.labels,
            predicted: predictions.map { $0.label == "light" ? 1 : 0 })
        #expect(table.accuracy == trainer.metrics!.validationAccuracy)
        for prediction in predictions { #expect(abs(prediction.probabilities.reduce(0, +) - 1) < 1e-5) }
        // A text alone is told as among others, shorter ones and longer ones.
        let alone = try classifier.predict(["joy"])[0], among = try classifier.predict(["joy"] + Self.texts)[0]
        expectClose(alone.probabilities, among.probabilities, absolute: 1e-6)

        let folder = try TemporaryFolder(), path = folder.file("c.safetensors")
        try classifier.save(to: path)
        #expect(try TextClassifier(contentsOf: path) == classifier)
        let names = Set(try classifier.tensors().map(\.name))
        #expect(names.isSuperset(of: ["embedding.weight", "rnn.weight_ih_l1", "dense.weight", "output.bias"]))
        #expect(names.contains("rnn.weight_hh_l1_reverse") == bidirectional)
    }

    @Test func sameSeedSameClassifier() throws {
        func classifier(seed: UInt64, threads: Int) throws -> TextClassifier {
            let trainer = try trainer {
                $0.seed = seed
                $0.device = .cpu(threads: threads)
                $0.epochs = 2
            }
            try trainer.train()
            return trainer.classifier
        }
        let first = try classifier(seed: 1, threads: 1)
        #expect(try classifier(seed: 1, threads: 2) == first)
        #expect(try classifier(seed: 2, threads: 1) != first)
    }

    @Test func charactersWhereThereAreNoSpaces() throws {
        let texts = ["晴天真好", "雨天难过", "好天气", "难过的夜", "真好", "真难过"], labels = [1, 0, 1, 0, 1, 0]
        let trainer = try ClassifierTrainer(texts: texts, labels: labels, labelNames: ["难", "好"], options: ClassifierOptions())
        #expect(trainer.vocabulary.unit == .characters)
        #expect(trainer.vocabulary.tokens.contains("难"))
    }

    @Test func confusion() {
        let table = ConfusionTable(labelNames: ["a", "b", "c"], actual: [0, 0, 1, 2, 2, 2], predicted: [0, 1, 1, 2, 0, 2])
        #expect(table.counts == [[1, 1, 0], [0, 1, 0], [1, 0, 2]])
        #expect(table.total == 6 && table.right == 4 && abs(table.accuracy - 4.0 / 6) < 1e-12)
    }

    @Test func optionsOutOfRange() throws {
        #expect(throws: ModelError.self) { try trainer { $0.configuration.hiddenSize = 0 } }
        #expect(throws: ModelError.self) { try trainer { $0.configuration.layers = 65 } }
        #expect(throws: TrainingError.self) { try trainer { $0.dropout = 1 } }
        #expect(throws: TrainingError.self) { try trainer { $0.epochs = 0 } }
        #expect(throws: TrainingError.self) { try trainer { $0.learningRate = 0 } }
    }

    /// A later version may add options, and an earlier one did not have all of them.
    @Test(arguments: [
        ("\"bidirectional\":false,", ""), (",\"layers\":1", ""), ("\"cell\":\"lstm\",", ""),
        ("\"cell\"", "\"later\":{\"rate\":[0.5]},\"cell\""),
    ])
    func optionsOfOtherVersions(_ old: String, _ new: String) throws {
        let folder = try TemporaryFolder(), path = folder.file("c.safetensors")
        let classifier = try trainer().classifier
        try classifier.save(to: path)
        func escaped(_ json: String) -> String { json.replacingOccurrences(of: "\"", with: "\\\"") }
        let good = try folder.bytes(of: "c.safetensors")
        let length = (0..<8).reduce(0) { $0 | Int(good[$1]) << (8 * $1) }
        let header = String(decoding: good[8..<8 + length], as: UTF8.self)
        #expect(header.contains(escaped(old)), "\(header)")
        let changed = Array(header.replacingOccurrences(of: escaped(old), with: escaped(new)).utf8)
        let size = (0..<8).map { UInt8(truncatingIfNeeded: changed.count >> (8 * $0)) }
        try folder.write(size + changed + good[(8 + length)...], to: "c.safetensors")
        #expect(try TextClassifier(contentsOf: path) == classifier)
    }

    @Test func damagedFiles() throws {
        let folder = try TemporaryFolder(), path = folder.file("c.safetensors")
        let classifier = try trainer { $0.configuration.denseSize = 0 }.classifier
        try classifier.save(to: path)
        let good = try folder.bytes(of: "c.safetensors")
        func failure(replacing old: String, by new: String) throws -> ModelFileError? {
            let length = (0..<8).reduce(0) { $0 | Int(good[$1]) << (8 * $1) }
            let header = String(decoding: good[8..<8 + length], as: UTF8.self)
            #expect(header.contains(old))
            let changed = Array(header.replacingOccurrences(of: old, with: new).utf8)
            let size = (0..<8).map { UInt8(truncatingIfNeeded: changed.count >> (8 * $0)) }
            try folder.write(size + changed + good[(8 + length)...], to: "c.safetensors")
            do { _ = try TextClassifier(contentsOf: path) } catch let error as ModelFileError { return error }
            return nil
        }
        guard case .badWeights? = try failure(replacing: "hidden_size\\\":12", by: "hidden_size\\\":13") else {
            throw Unexpected()
        }
        // Sizes that no memory could hold are an error, not a crash.
        guard case .badWeights? = try failure(replacing: "hidden_size\\\":12", by: "hidden_size\\\":16384") else {
            throw Unexpected()
        }
        guard case .badWeights? = try failure(replacing: "layers\\\":1", by: "layers\\\":64") else { throw Unexpected() }
        guard case .badHeader? = try failure(replacing: "\\\"cell\\\":\\\"lstm", by: "\\\"cell\\\":\\\"xlstm") else {
            throw Unexpected()
        }
        guard case .badHeader? = try failure(replacing: "\\\"dark\\\",", by: "\\\"light\\\",") else { throw Unexpected() }
        guard case .badWeights? = try failure(replacing: "rnn.weight_hh_l0", by: "rnn.weight_hh_l9") else {
            throw Unexpected()
        }
        guard case .otherKind? = try failure(replacing: "chargen.classifier", by: "chargen.klassifier") else {
            throw Unexpected()
        }
        try folder.write(good.prefix(500), to: "c.safetensors")
        #expect(throws: ModelFileError.self) { try TextClassifier(contentsOf: path) }
        // A file of one kind given for the other says so.
        try folder.write(good, to: "c.safetensors")
        #expect(
            throws: ModelFileError.otherKind(path: path, found: .classifier, needed: .characterModel)
        ) { try CharacterModel(contentsOf: path) }
    }

    private struct Unexpected: Error {}
}
