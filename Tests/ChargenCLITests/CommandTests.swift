import Chargen
import ChargenTestSupport
import Foundation
import Testing

/// The commands on input that is right.
@Suite struct CommandTests {
    let folder: TemporaryFolder
    let chargen: Command
    let small = ["--cell", "lstm", "--hidden", "16", "--batch-size", "4", "--steps", "10", "--epochs", "3"]

    init() throws {
        folder = try TemporaryFolder()
        chargen = Command(folder: folder)
        try folder.write(sampleText(count: 1200), to: "corpus.txt")
    }

    private func train(_ more: String...) throws -> Command.Result {
        try chargen.run(["train", "corpus.txt"] + small + more)
    }

    private func object(_ json: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    }

    @Test func trainThenSample() throws {
        let trained = try train("--prefix", "rain")
        #expect(trained.status == 0)
        #expect(trained.output.isEmpty)
        #expect(trained.error.contains("1,200 characters") && trained.error.contains("saved model.safetensors"))
        #expect(trained.error.contains("│ rain"))
        #expect(!trained.error.contains("\u{1B}"))

        let sampled = try chargen("sample", "--prefix", "rain", "--length", "40", "--seed", "3")
        #expect(sampled.status == 0 && sampled.error.isEmpty)
        #expect(sampled.output.hasPrefix("rain") && sampled.output.count == 45)
        #expect(try chargen("sample", "--prefix", "rain", "--length", "40", "--seed", "3").output == sampled.output)
        #expect(try chargen("sample", "--prefix", "rain", "--length", "40", "--seed", "4").output != sampled.output)
        let several = try chargen("sample", "--count", "3", "--length", "5", "--greedy")
        #expect(several.output.filter { $0 == "\n" }.count >= 5)
        for isa in availableInstructionSets {
            let greedy = try chargen("sample", "--greedy", environment: ["CHARGEN_ISA": isa.rawValue])
            #expect(greedy.status == 0 && greedy.output.count == 201)
        }
    }

    /// The file of a model that a program made of layers.
    @Test func infoDescribesModelsOfLayers() throws {
        let model = try Sequential(
            [LSTM(units: 4, returnSequences: true, dropout: 0.5), Bidirectional(GRU(units: 5)), Dense(units: 2)], inputSize: 3)
        try model.save(to: folder.file("layers.safetensors"))
        let text = try chargen("info", "layers.safetensors").output
        #expect(text.contains(model.summary()) && text.contains("rows of 3 numbers") && text.contains("layers.safetensors"))
        let info = try object(try chargen("info", "layers.safetensors", "--json").output)
        #expect(info["kind"] as? String == "sequential" && info["parameters"] as? Int == model.parameterCount)
        #expect((info["tensors"] as? [String: [Int]])?["lstm/kernel"] == [3, 16])
        let layers = try #require(info["layers"] as? [[String: Any]])
        #expect(layers.map { $0["class_name"] as? String } == ["LSTM", "Bidirectional", "Dense"])
        #expect((layers[0]["config"] as? [String: Any])?["return_sequences"] as? Bool == true)
    }

    @Test func sameCommandSameFile() throws {
        #expect(try train("-o", "a.safetensors", "--threads", "1").status == 0)
        #expect(try train("-o", "b.safetensors").status == 0)
        #expect(try folder.bytes(of: "a.safetensors") == folder.bytes(of: "b.safetensors"))
        #expect(try train("-o", "b.safetensors", "--seed", "1").status == 0)
        #expect(try folder.bytes(of: "a.safetensors") != folder.bytes(of: "b.safetensors"))
    }

    /// The optimizers and their numbers, each of which changes the model.
    @Test func optimizers() throws {
        let runs = [
            [], ["--optimizer", "adamw", "--weight-decay", "0"], ["--optimizer", "adamw"],
            ["--optimizer", "adamw", "--weight-decay", "0.1"], ["--optimizer", "sgd"],
            ["--optimizer", "sgd", "--momentum", "0.9"], ["--optimizer", "sgd", "--momentum", "0.9", "--nesterov"],
            ["--optimizer", "nadam"], ["--optimizer", "nadam", "--beta1", "0.8"],
            ["--optimizer", "nadam", "--beta1", "0.8", "--beta2", "0.9"],
            ["--optimizer", "rmsprop"], ["--optimizer", "rmsprop", "--rho", "0.8"], ["--optimizer", "rmsprop", "--centered"],
            ["--optimizer", "adagrad"], ["--optimizer", "adagrad", "--initial-accumulator", "1"],
            ["--optimizer", "adagrad", "--epsilon", "0.1"],
        ]
        let weights = try runs.map { options in
            let result = try chargen.run(["train", "corpus.txt"] + small + options)
            #expect(result.status == 0 && result.error.contains("saved model.safetensors"), "\(result.error)")
            let model = try CharacterModel(contentsOf: folder.file("model.safetensors"))
            #expect(model.training?.optimizer == (options.count > 1 ? options[1] : "adam"))
            return try model.network.tensors.map(\.tensor)
        }
        // Without weight decay AdamW is Adam.
        #expect(weights[0] == weights[1])
        for (first, second) in zip(runs.indices.dropFirst(), runs.indices.dropFirst(2)) {
            #expect(weights[first] != weights[second], "\(runs[first]), \(runs[second])")
        }
    }

    /// The schedules and their numbers: the model file names them, and each has another last learning rate.
    @Test func schedules() throws {
        let runs: [(options: [String], name: String, last: Double?)] = [
            ([], "cosine", 0.01), (["--final-rate", "0"], "cosine to 0.0", 0), (["--schedule", "constant"], "constant", 1),
            (["--schedule", "linear", "--final-rate", "0.25"], "linear to 0.25", 0.25),
            (["--schedule", "step", "--final-rate", "0.5"], "step to 0.5", 0.5),
            (["--schedule", "exponential"], "exponential", 0.01), (["--schedule", "one-cycle"], "one-cycle", 4e-6),
            (["--schedule", "plateau", "--validation", "0.1"], "plateau", nil),
            (["--schedule", "linear", "--warmup", "0.5"], "warm-up 0.5, linear", 0.01),
        ]
        for (options, name, last) in runs {
            let result = try chargen.run(["train", "corpus.txt"] + small + ["--learning-rate", "0.02", "--json"] + options)
            #expect(result.status == 0, "\(result.error)")
            #expect(try CharacterModel(contentsOf: folder.file("model.safetensors")).training?.schedule == name)
            struct Summary: Decodable { let learning_rate: Double }
            let rate = try JSONDecoder().decode(Summary.self, from: Data(result.output.utf8)).learning_rate
            if let last { #expect(abs(rate - 0.02 * last) < 1e-12, "\(name): \(rate)") }
        }
    }

    @Test func jsonForPrograms() throws {
        let trained = try train("--quiet", "--json", "--metrics", "m.jsonl", "--validation", "0.2")
        #expect(trained.error.isEmpty)
        let summary = try object(trained.output)
        #expect(summary["epoch"] as? Int == 3 && summary["model"] as? String == "model.safetensors")
        let lines = String(decoding: try folder.bytes(of: "m.jsonl"), as: UTF8.self).split(separator: "\n")
        // A run is measured at least 50 times, within its epochs too.
        #expect(lines.count >= 50)
        let measurements = try lines.map { try object(String($0)) }
        #expect(measurements.filter { $0["is_epoch_end"] as? Bool == true }.map { $0["epoch"] as? Int } == [1, 2, 3])
        #expect(measurements.last?["validation_loss"] as? Double == summary["validation_loss"] as? Double)

        try folder.write("rain on the roof\r\nwe sing", to: "other.txt")
        let evaluated = try object(try chargen("eval", "model.safetensors", "other.txt", "--json").output)
        #expect(evaluated["characters"] as? Int == 23)
        let nll = try #require(evaluated["nll"] as? Double)
        let direct = try CharacterModel(contentsOf: folder.file("model.safetensors"))
        let tokens = try direct.encode("rain on the roof\nwe sing")
        #expect(abs(try #require(try direct.network.evaluate(tokens)).loss - nll) < 1e-9)
        #expect(abs(try #require(evaluated["bits_per_character"] as? Double) - nll / 0.693147180559945) < 1e-9)
        #expect(abs(try #require(evaluated["perplexity"] as? Double) - Evaluation(characters: 1, loss: nll).perplexity) < 1e-9)

        let info = try object(try chargen("info", "--json").output)
        #expect((info["tensors"] as? [String: [Int]])?["rnn.weight_hh_l0"] == [64, 16])
        let inspected = try object(try chargen("inspect", "corpus.txt", "--json").output)
        #expect(inspected["characters"] as? Int == 1200)
    }

    /// Without a cell, what is open is chosen for the lowest loss; what is named is as it is named.
    @Test func theDefaultModel() throws {
        let short = ["train", "corpus.txt", "--hidden", "16", "--epochs", "2"]
        let trained = try chargen.run(short)
        #expect(trained.status == 0, "\(trained.error)")
        let network = try CharacterModel(contentsOf: folder.file("model.safetensors"))
        #expect(network.network.configuration.cell == .mlstm && network.network.configuration.layerNorm)
        #expect(network.training?.optimizer == "adamw")
        #expect(try chargen.run(short + ["--cell", "mlstm", "-o", "named.safetensors"]).status == 0)
        #expect(try folder.bytes(of: "named.safetensors") == folder.bytes(of: "model.safetensors"))
        let changed = try chargen.run(
            short + ["--no-layer-norm", "--optimizer", "rmsprop", "--layers", "2", "--schedule", "linear", "--dropout", "0"])
        #expect(changed.status == 0, "\(changed.error)")
        let other = try CharacterModel(contentsOf: folder.file("model.safetensors"))
        #expect(!other.network.configuration.layerNorm && other.network.configuration.layers == 2)
        #expect(other.training?.optimizer == "rmsprop" && other.training?.schedule == "linear")
        #expect(other.training?.dropout == nil)
    }

    /// A cell that is named is plain; each of them can be normalized, and its model is read and sampled as any other.
    @Test(arguments: RNNConfiguration.Cell.allCases) func normalizedCells(_ cell: RNNConfiguration.Cell) throws {
        let trained = try chargen.run(["train", "corpus.txt"] + small + ["--cell", cell.rawValue, "--layer-norm"])
        #expect(trained.status == 0, "\(trained.error)")
        #expect(try CharacterModel(contentsOf: folder.file("model.safetensors")).network.configuration.layerNorm)
        #expect(try chargen("sample", "--length", "9", "--seed", "1").output.count == 10)
        let evaluated = try chargen("eval", "model.safetensors", "corpus.txt", "--json")
        #expect(try object(evaluated.output)["nll"] as? Double != nil)
        #expect(try train("--cell", cell.rawValue, "--no-layer-norm").status == 0)
        let plain = try CharacterModel(contentsOf: folder.file("model.safetensors"))
        #expect(!plain.network.configuration.layerNorm && plain.network.configuration.cell == cell)
    }

    /// A dry run says what the run would do and need, and writes nothing.
    @Test func dryRun() throws {
        let names = try folder.names()
        let told = try train("--dry-run", "--validation", "0.2", "--metrics", "m.jsonl")
        #expect(told.status == 0 && told.output.isEmpty, "\(told.error)")
        for words in ["corpus    ", "model     LSTM, 16 units", "training  3 epochs", "memory    ", "time      about "] {
            #expect(told.error.split(separator: "\n").filter { $0.hasPrefix(words) }.count == 1, "\(told.error)")
        }
        #expect(!told.error.contains("saved model") && !told.error.contains("perplexity"))
        #expect(try folder.names() == names)

        let report = try object(try train("--dry-run", "--quiet", "--json", "--validation", "0.2").output)
        #expect(report["training_characters"] as? Int == 960 && report["validation_characters"] as? Int == 240)
        #expect(report["epochs"] as? Double == 3 && report["batch_size"] as? Int == 4 && report["optimizer"] as? String == "adam")
        #expect((report["model"] as? [String: Any])?["cell"] as? String == "lstm")
        let memory = try #require(report["memory"] as? [String: Int])
        let weights = try #require(memory["parameters"])
        #expect(memory["gradients"] == weights && memory["optimizer"] == 2 * weights && memory["tokens"] == 4800)
        #expect(try #require(memory["peak"]) > 4 * weights && memory["counting"] ?? 0 > 0)
        let seconds = try #require(report["seconds"] as? Double), speed = try #require(report["characters_per_second"] as? Double)
        #expect(seconds > 0 && speed > 0)
        #expect(try folder.names() == names)

        // By the clock, the time is known, and the epochs are what is estimated.
        let timed = try chargen("train", "corpus.txt", "--hidden", "16", "--time", "20s", "--dry-run", "--json", "--no-layer-norm")
        let limited = try object(timed.output)
        #expect(try #require(limited["seconds"] as? Double) <= 20.01 && limited["epochs"] as? Double ?? 0 > 1)
        #expect(timed.error.contains("there is time for about"))
    }

    @Test func layersEmbeddingAndPrecision() throws {
        let trained = try train("--layers", "2", "--embedding", "6", "--precision", "bfloat16")
        #expect(trained.status == 0 && trained.error.contains("2 LSTM layers, 16 units each, embedding of 6"))
        let info = try chargen("info").output
        #expect(info.contains("2 LSTM layers") && info.contains("adam in bfloat16"))
        for precision in ["auto", "float32", "bfloat16", "int8"] {
            #expect(try chargen("sample", "--precision", precision, "--threads", "3").status == 0)
            let evaluated = try chargen("eval", "model.safetensors", "corpus.txt", "--precision", precision, "--json")
            #expect(try object(evaluated.output)["nll"] as? Double != nil)
        }
    }

    @Test func whatTheMachineOffers() throws {
        for isa in availableInstructionSets {
            let environment = ["CHARGEN_ISA": isa.rawValue]
            #expect(try chargen("info", "--machine", environment: environment).output.contains(isa.rawValue + " (available: "))
        }
        let machine = try object(try chargen("info", "--machine", "--json").output)
        #expect(machine["threads"] as? Int ?? 0 > 0 && machine["peak_float32"] as? Double ?? 0 > 1e8)
    }

    @Test func forPeopleToRead() throws {
        _ = try train()
        #expect(try chargen("info").output.contains("LSTM, 16 units"))
        #expect(try chargen("inspect", "corpus.txt").output.contains("characters  1,200"))
        #expect(try chargen("eval", "model.safetensors", "corpus.txt").output.contains("nats per character"))
        for command in ["train", "sample", "eval", "info", "inspect"] {
            let help = try chargen(command, "--help")
            #expect(help.status == 0 && help.output.contains("Examples:"), "\(command)")
        }
    }

    @Test func interruptedRunIsSaved() throws {
        let process = chargen.process(["train", "corpus.txt", "--epochs", "1000000"])
        let error = Pipe()
        process.standardError = error
        try process.run()
        // The first epoch's line says that training is under way.
        var data = Data()
        while !String(decoding: data, as: UTF8.self).contains("epoch 1/") {
            let more = error.fileHandleForReading.availableData
            try #require(!more.isEmpty, "it ended before its first epoch")
            data += more
        }
        process.interrupt()
        data += error.fileHandleForReading.readDataToEndOfFile()
        let said = String(decoding: data, as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        #expect(said.contains("interrupted") && said.contains("saved model.safetensors"))
        #expect(try CharacterModel(contentsOf: folder.file("model.safetensors")).training?.steps ?? 0 > 0)
        #expect(try !folder.names().contains { $0.hasSuffix(".partial") })
    }
}
