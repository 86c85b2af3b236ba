import Chargen
import ChargenTestSupport
import Foundation
import Testing

/// What a user may get wrong: one line that names it, the exit status, and no file left behind or changed.
@Suite struct BadInputTests {
    let folder: TemporaryFolder
    let chargen: Command

    init() throws {
        folder = try TemporaryFolder()
        chargen = Command(folder: folder)
        try folder.write(sampleText(count: 600), to: "good.txt")
    }

    /// Runs and expects `status`, one line with all of `words`, nothing on standard output, the folder as before.
    private func expect(
        _ status: Int32, _ words: [String], _ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let before = try folder.names()
        let result = try chargen.run(arguments)
        let lines = result.error.split(separator: "\n")
        #expect(result.status == status, "\(arguments): \(result.error)", sourceLocation: sourceLocation)
        #expect(lines.count == 1, "\(result.error)", sourceLocation: sourceLocation)
        #expect(lines.first?.hasPrefix("error: ") ?? false, sourceLocation: sourceLocation)
        for word in words { #expect(result.error.contains(word), "\(result.error)", sourceLocation: sourceLocation) }
        #expect(result.output.isEmpty, sourceLocation: sourceLocation)
        #expect(try folder.names() == before, sourceLocation: sourceLocation)
    }

    private func train(_ more: String...) -> [String] { ["train"] + more + ["--quiet", "--epochs", "1", "--hidden", "4", "--cell", "lstm"] }

    @Test func corpora() throws {
        try expect(66, ["nowhere.zip", "no such file"], train("nowhere.zip"))
        try expect(66, ["is a folder", "zip -r"], train("."))
        try folder.write("text", to: "no.zip")
        try expect(65, ["no.zip", "not a zip"], train("no.zip"))
        try ZipWriter.write(texts: [("a.txt", "some text to read")], to: folder.file("a.zip"))
        let bytes = try folder.bytes(of: "a.zip")
        try folder.write(bytes.dropLast(30), to: "cut.zip")
        try expect(65, ["cut.zip", "cut short"], train("cut.zip"))
        var wrong = bytes
        wrong[40] ^= 1
        try folder.write(wrong, to: "wrong.zip")
        try expect(65, ["wrong.zip", "a.txt", "damaged"], train("wrong.zip"))
        try ZipWriter.write([("a.txt", Array("text".utf8))], to: folder.file("secret.zip"), password: "x")
        try expect(65, ["secret.zip", "a.txt", "encrypted"], train("secret.zip"))
        try ZipWriter.write([("a.png", [1])], to: folder.file("none.zip"))
        try expect(65, ["none.zip", "no text"], train("none.zip"))
        try ZipWriter.write([("g.txt", [0x61, 0xB7])], to: folder.file("gbk.zip"))
        try expect(65, ["gbk.zip", "g.txt", "byte 1", "iconv -f"], train("gbk.zip"))
        try folder.write("", to: "empty.txt")
        try expect(65, ["empty.txt", "empty"], train("empty.txt"))
        try folder.write("x", to: "one.txt")
        try expect(65, ["1 character ", "at least 2"], train("one.txt"))
        try expect(65, ["600 characters", "at least 10001"], train("good.txt", "--batch-size", "100", "--steps", "100"))
    }

    @Test func shortTextsTrainAllTheSame() throws {
        try folder.write("abc", to: "three.txt")
        #expect(try chargen.run(train("three.txt")).status == 0)
    }

    @Test func options() throws {
        try expect(64, ["hidden 0", "1 to 16384"], ["train", "good.txt", "--hidden", "0"])
        try expect(64, ["learning-rate"], train("good.txt", "--learning-rate", "0"))
        try expect(64, ["validation"], train("good.txt", "--validation", "1.5"))
        try expect(64, ["threads"], train("good.txt", "--threads", "0"))
        try expect(64, ["--batching"], train("good.txt", "--batching", "sideways"))
        try expect(64, ["limit"], train("good.txt", "--limit-characters", "0"))
        try expect(64, ["sample-every"], train("good.txt", "--sample-every=-1"))
        try expect(64, ["--nonsense"], ["train", "good.txt", "--nonsense"])
        try expect(64, ["corpus", "see: chargen train --help"], ["train"])
        try expect(64, ["hidden -1"], ["train", "good.txt", "--hidden", "-1"])
        try expect(64, ["layers 0", "1 to 64"], train("good.txt", "--layers", "0"))
        try expect(64, ["embedding 0", "1 to 16384"], train("good.txt", "--embedding", "0"))
        try expect(64, ["--embedding"], train("good.txt", "--embedding", "two-hot"))
        try expect(64, ["weight-decay 2", "0 to 1"], train("good.txt", "--optimizer", "adamw", "--weight-decay", "2"))
        try expect(64, ["weight-decay -1"], train("good.txt", "--optimizer", "adamw", "--weight-decay", "-1"))
        try expect(64, ["--weight-decay", "--optimizer adamw"], train("good.txt", "--weight-decay", "0.1"))
        try expect(64, ["--momentum", "--optimizer rmsprop or sgd"], train("good.txt", "--momentum", "0.9"))
        try expect(
            64, ["--momentum", "--optimizer rmsprop or sgd"], train("good.txt", "--optimizer", "nadam", "--momentum", "0.9"))
        try expect(64, ["--nesterov", "--momentum"], train("good.txt", "--optimizer", "sgd", "--nesterov"))
        for (option, others) in [
            ("--beta1=0.8", "adam or adamw or nadam"), ("--beta2=0.8", "adam or adamw or nadam"), ("--rho=0.8", "rmsprop"),
            ("--centered", "rmsprop"), ("--initial-accumulator=1", "adagrad"),
            ("--epsilon=1e-6", "adam or adamw or nadam or rmsprop or adagrad"),
        ] {
            let name = String(option.prefix { $0 != "=" })
            try expect(64, ["\(name) has no effect on sgd", others], train("good.txt", "--optimizer", "sgd", option))
        }
        for option in ["--beta1=1", "--beta2=-0.1", "--epsilon=0", "--epsilon=2"] {
            try expect(64, ["out of range"], train("good.txt", option))
        }
        try expect(64, ["rho 1", "less than 1"], train("good.txt", "--optimizer", "rmsprop", "--rho", "1"))
        try expect(
            64, ["initial-accumulator -1", "0 or more"],
            train("good.txt", "--optimizer", "adagrad", "--initial-accumulator", "-1"))
        try expect(64, ["warmup 1.5", "0 to 1"], train("good.txt", "--warmup", "1.5"))
        try expect(64, ["final-rate 2", "0 to 1"], train("good.txt", "--final-rate", "2"))
        try expect(64, ["final-rate 0", "above 0"], train("good.txt", "--final-rate", "0", "--schedule", "exponential"))
        try expect(
            64, ["--final-rate", "--schedule cosine"], train("good.txt", "--final-rate", "0.1", "--schedule", "constant"))
        try expect(64, ["plateau", "--validation"], train("good.txt", "--schedule", "plateau", "--validation", "0"))
        try expect(64, ["momentum 1", "less than 1"], train("good.txt", "--optimizer", "sgd", "--momentum", "1"))
        try expect(64, ["--optimizer"], train("good.txt", "--optimizer", "lion"))
        try expect(64, ["--precision"], train("good.txt", "--precision", "float8"))
        try expect(64, ["length -5"], ["sample", "--length", "-5"])
        try expect(64, ["frobnicate"], ["frobnicate", "x"])
        try expect(65, ["“分” at 1"], train("good.txt", "--prefix", "a分"))
    }

    /// The options of how long a run is, what is held out and what is kept.
    @Test func optionsOfTheRun() throws {
        func train(_ more: String...) -> [String] { ["train", "good.txt", "--hidden", "4", "--quiet"] + more }
        for value in ["0", "abc", "-5m", "5x", "nan", "inf", "m", ""] {
            try expect(64, ["'\(value)'", "--time", "60s, 5m, 1.5h"], train("--time", value))
        }
        try expect(64, ["time", "up to a year"], train("--time", "9000h"))
        try expect(64, ["--time and --epochs exclude each other", "leave out"], train("--time", "5m", "--epochs", "3"))
        for value in ["-1", "0", "nan", "1e9"] {
            let number = Double(value).map { "\($0)" } ?? value
            try expect(64, ["epochs \(number)", "above 0, up to 1000000"], train("--epochs", value))
        }
        try expect(64, ["test 1.5", "0 to 0.9"], train("--test", "1.5"))
        try expect(64, ["test -0.1", "0 to 0.9"], train("--test", "-0.1"))
        try expect(64, ["test 0.5", "for training"], train("--test", "0.5", "--validation", "0.5"))
        try expect(64, ["average 2.0", "0 (no average) to 1"], train("--average", "2"))
        try expect(64, ["jitter 2.0", "0 to 0.9"], train("--jitter", "2"))
        try expect(64, ["--jitter", "leave out --batching random"], train("--jitter", "0.2", "--batching", "random"))
        try expect(64, ["accumulate 0", "1 to 65536"], train("--accumulate", "0"))
        try expect(64, ["'worst'", "--keep", "'last'", "'best'"], train("--keep", "worst"))
        try expect(64, ["patience 0", "1 or more"], train("--patience", "0"))
        for option in [["--no-baseline"], ["--patience", "3"], ["--keep", "best"]] {
            try expect(
                64, [option.joined(separator: " ").replacingOccurrences(of: " 3", with: ""), "--validation 0.1"],
                ["train", "good.txt", "--quiet"] + option)
        }
        try expect(64, ["--dry-run", "--quiet", "--json"], train("--dry-run"))
        try expect(66, ["nowhere.txt"], ["train", "nowhere.txt", "--dry-run"])
        try expect(73, ["no/where", "mkdir"], ["train", "good.txt", "--dry-run", "-o", "no/where/m.safetensors"])
        try expect(73, ["no/m.jsonl", "mkdir"], train("--dry-run", "--json", "--metrics", "no/m.jsonl"))
    }

    @Test func outputs() throws {
        try expect(73, ["no/where", "mkdir"], train("good.txt", "-o", "no/where/m.safetensors"))
        try expect(73, ["is a folder"], train("good.txt", "-o", "."))
        try expect(73, ["/dev/full"], train("good.txt", "-o", "/dev/full"))
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("link"), withDestinationPath: "not-there-yet")
        #expect(try chargen.run(train("good.txt", "-o", "link")).status == 0)
        #expect(try folder.names().contains("not-there-yet"))
        try expect(73, ["metrics"], train("good.txt", "--metrics", "no/metrics.jsonl"))
        let text = try folder.bytes(of: "good.txt")
        try expect(73, ["good.txt", "training text"], train("good.txt", "-o", "good.txt"))
        try expect(73, ["good.txt", "training text"], train("good.txt", "--metrics", "./good.txt"))
        try expect(73, ["x", "the model is saved to this file"], train("good.txt", "-o", "x", "--metrics", "x"))
        try expect(73, ["x", "the model is saved to this file"], train("good.txt", "-o", "x", "--metrics", "./x"))
        try expect(73, ["x", "the model is saved to this file"], train("good.txt", "-o", folder.file("x"), "--metrics", "x"))
        try FileManager.default.createSymbolicLink(atPath: folder.file("to-x"), withDestinationPath: "x")
        try expect(73, ["x", "the model is saved to this file"], train("good.txt", "-o", "to-x", "--metrics", "x"))
        #expect(try folder.bytes(of: "good.txt") == text)
    }

    /// A model that cannot be written to its place any more goes to a file that no other user can have prepared.
    @Test func savingElsewhereOverwritesNothing() throws {
        for name in ["out", "temporary"] {
            try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: false)
        }
        try folder.write("keep me", to: "victim")
        let process = chargen.process(
            ["train", "good.txt", "--hidden", "4", "--epochs", "1000000", "-o", "out/m.safetensors"],
            environment: ["TMPDIR": folder.file("temporary")])
        let error = Pipe()
        process.standardError = error
        try process.run()
        var data = Data()
        while !String(decoding: data, as: UTF8.self).contains("epoch 1/") {
            let more = error.fileHandleForReading.availableData
            try #require(!more.isEmpty, "the run ended before its first epoch")
            data += more
        }
        // The name depends on nothing that another user can see, such as the process's number.
        let planted = folder.file("temporary/chargen-\(process.processIdentifier).safetensors")
        try FileManager.default.createSymbolicLink(atPath: planted, withDestinationPath: folder.file("victim"))
        try FileManager.default.removeItem(atPath: folder.file("out"))
        process.terminate()
        let text = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 73)
        #expect(try folder.bytes(of: "victim") == Array("keep me".utf8))
        let range = try #require(text.range(of: #"(?<=saved to ).*(?= instead)"#, options: .regularExpression))
        let path = String(text[range])
        #expect(path != planted)
        #expect(try CharacterModel(contentsOf: path).training?.steps ?? 0 > 0)
        try FileManager.default.removeItem(atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path)
    }

    /// Only where the system has a device that is always full.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func metricsThatCannotBeWrittenDoNotLoseTheModel() throws {
        let result = try chargen.run(train("good.txt", "--metrics", "/dev/full"))
        #expect(result.status == 74 && result.error.split(separator: "\n").count == 1)
        for words in ["/dev/full", "saved model.safetensors"] {
            #expect(result.error.contains(words), "\(result.error)")
        }
        #expect(try chargen("eval", "model.safetensors", "good.txt").status == 0)
        #expect(try (CharacterModel(contentsOf: folder.file("model.safetensors")).training?.steps ?? 0) > 0)
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func outputThatCannotBeWritten() throws {
        #expect(try chargen.run(train("good.txt")).status == 0)
        for arguments in [["sample"], ["info"], ["info", "--json"], ["inspect", "good.txt"]] {
            let process = chargen.process(arguments)
            process.standardOutput = FileHandle(forWritingAtPath: "/dev/full")
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 74, "\(arguments)")
        }
    }

    /// The parameters of the last good state are valid, and they are saved. Half the learning rate, three times, is still far too
    /// large.
    @Test func divergenceSavesTheModel() throws {
        let result = try chargen.run(
            ["train", "good.txt", "--quiet", "--cell", "lstm", "--hidden", "8", "--epochs", "300", "--optimizer", "sgd",
                "--momentum", "0.99", "--learning-rate", "1000", "--clip-norm", "0", "--schedule", "constant"])
        #expect(result.status == 65)
        let lines = result.error.split(separator: "\n")
        #expect(lines.count == 1)
        for words in ["error: ", "diverged", "--learning-rate", "saved model.safetensors"] {
            #expect(result.error.contains(words), "\(result.error)")
        }
        #expect(try chargen("eval", "model.safetensors", "good.txt").status == 0)
    }

    @Test func models() throws {
        #expect(try chargen.run(train("good.txt")).status == 0)
        try expect(65, ["“分” at 0", "“Q” at 3"], ["sample", "--prefix", "分 aQ"])
        try expect(64, ["temperature"], ["sample", "--temperature", "0"])
        try expect(64, ["top-k"], ["sample", "--top-k", "0"])
        try expect(64, ["top-p"], ["sample", "--top-p", "2"])
        try expect(64, ["count"], ["sample", "--count", "0"])
        try expect(64, ["length"], ["sample", "--length=-5"])
        try expect(66, ["other.safetensors"], ["sample", "other.safetensors"])
        try expect(65, ["good.txt", "no model file"], ["info", "good.txt"])
        try folder.write("rain 分开", to: "unknown.txt")
        try expect(65, ["“分” at 5", "“开” at 6"], ["eval", "model.safetensors", "unknown.txt"])
        let bytes = try folder.bytes(of: "model.safetensors")
        try folder.write(bytes.dropLast(9), to: "cut.safetensors")
        try expect(65, ["cut.safetensors", "cut short"], ["sample", "cut.safetensors"])
        try Sequential([Dense(units: 2)], inputSize: 3).save(to: folder.file("layers.safetensors"))
        for command in [["sample"], ["classify", "predict", "--model"]] {
            try expect(65, ["layers.safetensors", "Sequential", "chargen info"], command + ["layers.safetensors"])
        }
        try expect(65, ["model.safetensors", "chargen sample"], ["classify", "predict", "--model", "model.safetensors"])
        // A run that fails leaves the model that was there.
        try expect(66, ["nowhere"], train("nowhere.txt"))
        #expect(try folder.bytes(of: "model.safetensors") == bytes)
    }
}
