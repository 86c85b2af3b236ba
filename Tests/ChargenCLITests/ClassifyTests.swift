import Chargen
import ChargenTestSupport
import Foundation
import Testing

/// `chargen classify`, as a user runs it.
@Suite struct ClassifyTests {
    let folder: TemporaryFolder
    let chargen: Command
    let small = ["--hidden", "8", "--embedding", "6", "--epochs", "20", "--dropout", "0.1"]

    init() throws {
        folder = try TemporaryFolder()
        chargen = Command(folder: folder)
        let lines = ["sun", "rain", "wind", "snow", "fog"].flatMap { subject in
            ["brings", "and", "with", "before"].flatMap { verb in
                [("joy", "light"), ("calm", "light"), ("grief", "dark")].map { "the \(subject) \(verb) \($0.0)\t\($0.1)" }
            }
        }
        try folder.write(lines.joined(separator: "\n") + "\n", to: "moods.tsv")
    }

    private func object(_ json: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    }

    @Test func trainThenPredict() throws {
        let trained = try chargen.run(["classify", "train", "moods.tsv"] + small)
        #expect(trained.status == 0 && trained.output.isEmpty)
        for words in ["60 texts: dark 20, light 40; 12 held out", "held-out accuracy", "saved classifier.safetensors"] {
            #expect(trained.error.contains(words), "\(trained.error)")
        }
        #expect(trained.error.contains("label ＼ predicted"))
        let predicted = try chargen("classify", "predict", "the rain and joy", "the rain and grief")
        #expect(predicted.status == 0 && predicted.error.isEmpty)
        let lines = predicted.output.split(separator: "\n").map { $0.split(separator: "\t") }
        #expect(lines.map { $0[2] } == ["the rain and joy", "the rain and grief"])
        #expect(lines.map { $0[0] } == ["light", "dark"])
        #expect(lines.allSatisfy { Double($0[1])! > 0.5 && Double($0[1])! <= 1 })

        let json = try object(try chargen("classify", "predict", "--json", "the fog and calm").output)
        #expect(json["label"] as? String == "light" && json["text"] as? String == "the fog and calm")
        let probabilities = try #require(json["probabilities"] as? [String: Double])
        #expect(abs(probabilities.values.reduce(0, +) - 1) < 1e-5 && Set(probabilities.keys) == ["dark", "light"])
        // Named first, as other commands take a model.
        #expect(
            try chargen("classify", "predict", "classifier.safetensors", "the rain and joy").output
                == chargen("classify", "predict", "the rain and joy").output)
    }

    @Test func optionsAndZip() throws {
        try ZipWriter.write(
            [("moods.tsv", try folder.bytes(of: "moods.tsv"))], to: folder.file("moods.zip"), compressed: true)
        try folder.write("joy 1 0\ngrief 0 1\n", to: "vectors.txt")
        let result = try chargen.run(
            ["classify", "train", "moods.zip", "--cell", "gru", "--bidirectional", "--layers", "2", "--unit", "words",
                "--embeddings", "vectors.txt", "--frozen", "--recurrent-dropout", "0.1", "-o", "m.safetensors", "--json"]
                + small)
        #expect(result.status == 0, "\(result.error)")
        #expect(result.error.contains("2 found"))
        let summary = try object(result.output)
        #expect(summary["classifier"] as? String == "m.safetensors" && summary["held_out"] as? Int == 12)
        #expect((summary["confusion"] as? [[Int]])?.flatMap { $0 }.reduce(0, +) == 12)
        let classifier = try TextClassifier(contentsOf: folder.file("m.safetensors"))
        #expect(classifier.configuration.cell == .gru && classifier.configuration.embeddingSize == 2)
        let table = try classifier.tensors()[0].tensor
        let joy = try #require(classifier.vocabulary.tokens.firstIndex(of: "joy"))
        #expect(table[joy, 0] == 1 && table[joy, 1] == 0)
    }

    @Test func sameCommandSameFile() throws {
        for (name, more) in [("a", ["--threads", "1"]), ("b", []), ("c", ["--seed", "1"])] {
            let all = ["classify", "train", "moods.tsv", "-o", "\(name).safetensors", "--quiet"] + small + more
            let result = try chargen.run(all)
            #expect(result.status == 0 && result.error.isEmpty && result.output.isEmpty)
        }
        #expect(try folder.bytes(of: "a.safetensors") == folder.bytes(of: "b.safetensors"))
        #expect(try folder.bytes(of: "a.safetensors") != folder.bytes(of: "c.safetensors"))
    }

    /// Runs and expects `status`, one line with all of `words`, nothing on standard output, the folder as before.
    private func expect(_ status: Int32, _ words: [String], _ arguments: String...) throws {
        let before = try folder.names()
        let result = try chargen.run(["classify"] + arguments)
        #expect(result.status == status, "\(arguments): \(result.error)")
        #expect(result.error.split(separator: "\n").count == 1, "\(result.error)")
        for word in words { #expect(result.error.contains(word), "\(result.error)") }
        #expect(result.output.isEmpty)
        #expect(try folder.names() == before)
    }

    @Test func badInput() throws {
        try expect(66, ["nowhere.tsv", "no such file"], "train", "nowhere.tsv")
        try folder.write("a fine day\tlight\nno tab here\n", to: "tabs.tsv")
        try expect(65, ["tabs.tsv", "line 2", "tab"], "train", "tabs.tsv")
        try folder.write("a\tx\nb\tx\n", to: "one.tsv")
        try expect(65, ["one.tsv", "x"], "train", "one.tsv")
        try folder.write("\n", to: "none.tsv")
        try expect(65, ["none.tsv"], "train", "none.tsv")
        try folder.write("joy 1 0\ngrief 0\n", to: "narrow.txt")
        try expect(65, ["narrow.txt", "line 2"], "train", "moods.tsv", "--embeddings", "narrow.txt")
        try folder.write("joy 1 0\njoy 0 1\n", to: "twice.txt")
        try expect(65, ["twice.txt", "line 2", "joy"], "train", "moods.tsv", "--embeddings", "twice.txt")
        try expect(64, ["hidden 0", "1 to 16384"], "train", "moods.tsv", "--hidden", "0")
        try expect(64, ["validation"], "train", "moods.tsv", "--validation", "2")
        try expect(64, ["dropout"], "train", "moods.tsv", "--dropout", "1")
        try expect(64, ["--cell"], "train", "moods.tsv", "--cell", "qrnn")
        try expect(73, ["moods.tsv"], "train", "moods.tsv", "-o", "moods.tsv")
        try FileManager.default.createSymbolicLink(atPath: folder.file("to-moods"), withDestinationPath: "moods.tsv")
        try expect(73, ["to-moods"], "train", "moods.tsv", "-o", "to-moods")
        try folder.write("joy 1 0\n", to: "good.txt")
        try expect(73, ["good.txt", "vectors"], "train", "moods.tsv", "--embeddings", "good.txt", "-o", "good.txt")
        try expect(66, ["classifier.safetensors"], "predict", "some text")
        try folder.write("a plain text file that is no model at all", to: "no.safetensors")
        try expect(65, ["no.safetensors"], "predict", "no.safetensors", "text")
    }

    /// A weight of zero removes a label from the loss, so that the other label is predicted for every text.
    @Test func classWeightsAndPrecision() throws {
        for precision in ["float32", "bfloat16"] {
            let result = try chargen.run(
                ["classify", "train", "moods.tsv", "--class-weight", "dark=0", "--class-weight", "light=2.5", "--json",
                    "--precision", precision] + small)
            #expect(result.status == 0, "\(result.error)")
            #expect(result.error.contains("weight of dark 0.0, weight of light 2.5"))
            #expect(try object(result.output)["confusion"] as? [[Int]] == [[0, 4], [0, 8]])
        }
        try expect(
            64, ["--class-weight", "“happy”", "dark, light"], "train", "moods.tsv", "--class-weight", "happy=2")
        try expect(
            64, ["--class-weight", "“dark”", "two weights"], "train", "moods.tsv", "--class-weight", "dark=1",
            "--class-weight", "dark=2")
        for value in ["dark", "dark=", "dark=-1", "dark=nan", "dark=inf", "dark=x"] {
            try expect(64, ["--class-weight", "'\(value)'"], "train", "moods.tsv", "--class-weight", value)
        }
        try expect(64, ["--precision"], "train", "moods.tsv", "--precision", "float8")
    }

    /// A learning rate that is far too large: the run ends in one line with the classifier of the last valid step, or it
    /// finishes with numbers that are finite.
    @Test(arguments: ["lstm", "gru", "rnn"]) func divergenceSavesTheClassifier(_ cell: String) throws {
        let result = try chargen.run(
            ["classify", "train", "moods.tsv", "--quiet", "--cell", cell, "--learning-rate", "1000", "--bidirectional"]
                + small)
        if result.status == 0 {
            #expect(result.error.isEmpty)
        } else {
            #expect(result.status == 65 && result.error.split(separator: "\n").count == 1)
            for words in ["error: ", "diverged", "saved classifier.safetensors"] {
                #expect(result.error.contains(words), "\(result.error)")
            }
        }
        let told = try object(try chargen("classify", "predict", "--json", "the fog and calm").output)
        let probabilities = try #require(told["probabilities"] as? [String: Double])
        #expect(abs(probabilities.values.reduce(0, +) - 1) < 1e-5)
        let rate = try chargen("classify", "train", "moods.tsv", "--learning-rate", "1001")
        #expect(rate.status == 64 && rate.error.contains("learning-rate 1001"))
    }

    @Test func oneKindOfFileIsNotTheOther() throws {
        try folder.write(sampleText(count: 600), to: "good.txt")
        #expect(try chargen("train", "good.txt", "--epochs", "1", "--hidden", "4", "--quiet").status == 0)
        try expect(65, ["model.safetensors", "chargen sample"], "predict", "model.safetensors", "text")
        #expect(
            try chargen.run(["classify", "train", "moods.tsv", "--quiet", "-o", "c.safetensors"] + small).status == 0)
        let sampled = try chargen("sample", "c.safetensors")
        #expect(sampled.status == 65 && sampled.error.contains("chargen classify predict"))
    }

    @Test func infoDescribesClassifiers() throws {
        let options = ["--bidirectional", "--cell", "gru", "--layers", "2", "--quiet"]
        #expect(try chargen.run(["classify", "train", "moods.tsv"] + small + options).status == 0)
        let lines = try chargen("info", "classifier.safetensors")
        #expect(lines.status == 0 && lines.error.isEmpty)
        let classifier = try TextClassifier(contentsOf: folder.file("classifier.safetensors"))
        for words in [
            "classifier.safetensors", "2: dark, light", "\(classifier.vocabulary.count) words",
            "2 bidirectional GRU layers, 8 units in each direction", "embedding of 6",
            "\(Int(classifier.parameterCount).grouped) parameters", "rnn.weight_hh_l1_reverse [24, 8]", "output.bias [2]",
        ] {
            #expect(lines.output.contains(words), "\(lines.output)")
        }

        let json = try object(try chargen("info", "classifier.safetensors", "--json").output)
        #expect(json["kind"] as? String == "classifier" && json["path"] as? String == "classifier.safetensors")
        #expect(json["labels"] as? [String] == ["dark", "light"] && json["unit"] as? String == "words")
        #expect(json["vocabulary_size"] as? Int == classifier.vocabulary.count)
        #expect(json["vocabulary"] as? [String] == classifier.vocabulary.tokens)
        #expect(json["parameters"] as? Int == classifier.parameterCount)
        #expect((json["network"] as? [String: Any])?["cell"] as? String == "gru")
        let tensors = try #require(json["tensors"] as? [String: [Int]])
        #expect(tensors == Dictionary(uniqueKeysWithValues: try classifier.tensors().map { ($0.name, $0.tensor.shape) }))
        // Without a name it is the model of `chargen train`, and there is none.
        let none = try chargen("info")
        #expect(none.status == 66 && none.error.contains("model.safetensors"))
    }

    /// Embeddings, cells and dropouts of `chargen train`.
    @Test func trainWithOtherCells() throws {
        try folder.write(sampleText(count: 900), to: "good.txt")
        try folder.write("a 1 0 1\ne 0 1 1\nt 0 0 1\n", to: "letters.txt")
        for cell in ["gru", "rnn"] {
            let arguments = ["train", "good.txt", "--epochs", "2", "--hidden", "12", "--cell", cell, "--layers", "2"]
            let result = try chargen.run(
                arguments + ["--dropout", "0.2", "--recurrent-dropout", "0.1", "--embeddings", "letters.txt"])
            #expect(result.status == 0, "\(result.error)")
            #expect(result.error.contains(cell == "gru" ? "2 GRU layers" : "2 simple RNN layers"))
            #expect(result.error.contains("3 found"))
            let info = try chargen("info")
            #expect(info.output.contains("embedding of 3") && info.output.contains("dropout 0.2"))
            #expect(try chargen("sample", "--length", "20").output.count == 21)
            #expect(try chargen("eval", "model.safetensors", "good.txt", "--json").status == 0)
        }
        let both = try chargen("train", "good.txt", "--embeddings", "letters.txt", "--embedding", "4")
        #expect(both.status == 64 && both.error.contains("embedding"))
        let none = try chargen("train", "good.txt", "--embeddings", "nowhere.txt")
        #expect(none.status == 66 && none.error.contains("nowhere.txt"))
        let rate = try chargen("train", "good.txt", "--recurrent-dropout", "1")
        #expect(rate.status == 64 && rate.error.contains("recurrent-dropout"))
    }
}
