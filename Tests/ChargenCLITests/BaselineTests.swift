import Chargen
import ChargenTestSupport
import Foundation
import Testing

/// The n-gram model beside the validation of `chargen train`.
@Suite struct BaselineTests {
    let folder: TemporaryFolder
    let chargen: Command
    private let small = ["--cell", "lstm", "--hidden", "32", "--batch-size", "4", "--steps", "40"]

    init() throws {
        folder = try TemporaryFolder()
        chargen = Command(folder: folder)
        try folder.write(sampleText(count: 1200), to: "words.txt")
        // After six z, an n-gram model does not know how many there were; a network can count to twelve.
        var random = RandomSource(seed: 5)
        let lines = (0..<600).map { _ in "abcd".dropFirst(Int(random.next() % 4)).prefix(1) + "zzzzzzzzzzzz\n" }
        try folder.write(lines.joined(), to: "counts.txt")
    }

    private func object(_ json: some StringProtocol) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    }

    @Test func aNetworkThatIsBetter() throws {
        let trained = try chargen.run(["train", "counts.txt", "--epochs", "12", "--validation", "0.25"] + small)
        #expect(trained.status == 0)
        let lines = trained.error.split(separator: "\n")
        let plan = try #require(lines.first { $0.hasPrefix("counting  ") })
        #expect(plan.hasPrefix("counting  7-grams (interpolated Kneser-Ney): validation loss "))
        #expect(plan.contains("perplexity") && plan.hasSuffix(" bits per character"))
        #expect(lines.filter { $0.hasPrefix("better than counting 7-grams from second ") }.count == 1)
        #expect(lines.contains { $0.contains("loss  perplexity  bits per character") })
        let table = ["network, 2,100 held-out characters  ", "7-grams, the same characters", "network, training text  "]
        for name in table { #expect(lines.contains { $0.hasPrefix(name) }, "\(name)") }
        #expect(trained.error.contains("a text of 8,400 characters is too short to generalize from"))
        let record = try #require(try CharacterModel(contentsOf: folder.file("model.safetensors")).training)
        #expect(try #require(record.validationLoss) < (try #require(record.baselineLoss)))
    }

    @Test func aNetworkThatIsWorse() throws {
        let trained = try chargen.run(
            ["train", "words.txt", "--epochs", "2", "--validation", "0.2", "--json", "--metrics", "m.jsonl"] + small)
        #expect(trained.status == 0 && !trained.error.contains("better than counting"))
        let baseline = try #require(try CharacterModel(contentsOf: folder.file("model.safetensors")).training?.baselineLoss)
        let lines = String(decoding: try folder.bytes(of: "m.jsonl"), as: UTF8.self).split(separator: "\n")
        for line in try lines.map(object) + [object(trained.output)] {
            // Foundation's parser of objects may round the last digit otherwise.
            #expect(abs(try #require(line["baseline_loss"] as? Double) - baseline) < 1e-12)
            #expect(line["baseline_order"] as? Int == 7)
        }
        #expect(try chargen("info").output.contains("by counting 7-grams"))
        let record = try #require(try object(try chargen("info", "--json").output)["training"] as? [String: Any])
        #expect(abs(try #require(record["baseline_loss"] as? Double) - baseline) < 1e-12)
    }

    /// With nothing held out or with `--no-baseline`, nothing is counted; the training text's loss is then all there is.
    @Test(arguments: [["--validation", "0"], ["--validation", "0.2", "--no-baseline"]])
    func nothingIsCounted(_ options: [String]) throws {
        let trained = try chargen.run(
            ["train", "words.txt", "--epochs", "2", "--json", "--metrics", "m.jsonl"] + options + small)
        #expect(trained.status == 0 && !trained.error.contains("counting") && !trained.error.contains("grams"))
        #expect(trained.error.contains("a text of 1,200 characters is too short to generalize from"))
        #expect(!trained.output.contains("baseline"))
        #expect(!String(decoding: try folder.bytes(of: "m.jsonl"), as: UTF8.self).contains("baseline"))
        #expect(try CharacterModel(contentsOf: folder.file("model.safetensors")).training?.baselineLoss == nil)
        let quiet = try chargen.run(["train", "words.txt", "--epochs", "2", "--quiet"] + options + small)
        #expect(quiet.status == 0 && quiet.error.isEmpty)
    }
}
