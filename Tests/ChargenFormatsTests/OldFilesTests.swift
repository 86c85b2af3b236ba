import ChargenFormats
import ChargenModels
import ChargenNN
import ChargenTestSupport
import Foundation
import Testing

/// Files that an earlier version wrote: an LSTM with one-hot input, a stack of two GRUs with an embedding, and a bidirectional
/// classifier. The expected numbers are those that the same version printed for them.
@Suite struct OldFilesTests {
    private func path(_ name: String) -> String { Golden.file("format1-\(name).safetensors.golden").path }

    @Test(arguments: [("lstm", 2.687_777_149_677_276_4, "keep"), ("gru", 2.627_968_307_336_171_3, "space")])
    func givesTheSameLoss(_ name: String, _ expected: Double, _ lineBreaks: String) throws {
        let model = try CharacterModel(contentsOf: path(name))
        #expect(model.lineBreaks.rawValue == lineBreaks)
        let tokens = try model.encode("The reviews are sentences, and each has a label after a tab.\n")
        let evaluation = try #require(try model.network.evaluate(tokens))
        #expect(evaluation.characters == 60)
        #expect(abs(evaluation.loss - expected) < 1e-6)
        #expect(model.training?.schedule == "cosine" && model.training?.optimizer == "adam")
    }

    /// The format is the same: what was read is written with the same bytes.
    @Test(arguments: ["lstm", "gru", "classifier"]) func writesTheSameBytes(_ name: String) throws {
        let folder = try TemporaryFolder()
        switch try SavedModel(contentsOf: path(name)) {
        case .characterModel(let model): try model.save(to: folder.file("copy"))
        case .classifier(let classifier): try classifier.save(to: folder.file("copy"))
        case .sequential(let model): try model.save(to: folder.file("copy"))
        }
        #expect(try folder.bytes(of: "copy") == [UInt8](Data(contentsOf: URL(fileURLWithPath: path(name)))))
    }

    @Test func predictsTheSameLabels() throws {
        let classifier = try TextClassifier(contentsOf: path("classifier"))
        let predictions = try classifier.predict(["the rain and joy", "the wind before grief and more"])
        #expect(predictions.map(\.label) == ["light", "light"])
        expectClose(
            predictions.flatMap(\.probabilities), [0.225_143_54, 0.774_856_5, 0.392_266_8, 0.607_733_2], absolute: 1e-6)
    }
}
