import Foundation

/// The programs that chargen is compared with, run as the scripts of the folder `peers`.
struct Peers {
    /// Versions of Python and of the packages that are there.
    let versions: [String: String]
    /// The interpreter that runs them.
    private let python: Python
    /// Threads that each of them is given.
    private let threads: Int

    /// - Throws: ``BenchmarkError`` where the interpreter cannot run a script.
    init(python: Python, threads: Int) throws {
        self.python = python
        self.threads = threads
        let output = try Self.run("versions.py", [], python)
        guard let versions = try? JSONDecoder().decode([String: String].self, from: Data(output.utf8)) else {
            throw BenchmarkError.peerUnreadable(script: "versions.py", output: output)
        }
        self.versions = versions
    }

    /// The packages that `program` needs and this interpreter lacks.
    func missing(for program: Program) -> [String] { program.packages.filter { versions[$0] == nil } }

    /// Characters or examples per second of `contestant` at `work`, measured for `seconds`.
    /// - Throws: ``BenchmarkError``
    func measure(_ contestant: Contestant, at work: Work, seconds: Double) throws -> Double {
        let (script, own) = Self.script(contestant, work)
        let output = try Self.run(
            script, [work.name] + own + ["--threads", "\(threads)", "--seconds", "\(seconds)"], python)
        let line = output.split(whereSeparator: \.isNewline).last ?? ""
        guard let figure = try? JSONDecoder().decode(PeerFigure.self, from: Data(line.utf8)) else {
            throw BenchmarkError.peerUnreadable(script: script, output: output)
        }
        for (field, expected) in work.fields.sorted(by: { $0.key < $1.key }) where figure.fields[field] != expected {
            throw BenchmarkError.peerMismatch(
                script: script, name: work.name, field: field, found: figure.fields[field], expected: expected)
        }
        return figure.speed
    }

    /// Trains PyTorch's LSTM on the text at `path` for `seconds`.
    /// - Returns: a line of JSON for each measurement of its held-out loss.
    /// - Throws: ``BenchmarkError``
    func learn(_ path: String, seconds: Double) throws -> String {
        try Self.run("torch_learn.py", [path, "--threads", "\(threads)", "--seconds", "\(seconds)"], python)
    }

    /// The script for `contestant` at `work`, and the options that only it has.
    private static func script(_ contestant: Contestant, _ work: Work) -> (String, [String]) {
        switch (work, contestant.program) {
        case (.fitting, .keras):
            ("keras_train.py", [])
        case (.fitting, _):
            ("torch_train.py", ["--precision", contestant.precision.rawValue])
        case (.training, .keras):
            ("keras_train.py", ["--input", contestant.input])
        case (.training, _):
            ("torch_train.py", ["--input", contestant.input, "--precision", contestant.precision.rawValue])
        case (.sampling(_, let streams), let program):
            (
                "torch_sample.py",
                ["--program", program == .onnxRuntime ? "onnxruntime" : "torch", "--streams", "\(streams)"]
            )
        }
    }

    /// Runs a script of the folder `peers`.
    /// - Returns: what it printed.
    private static func run(_ script: String, _ arguments: [String], _ python: Python) throws -> String {
        let file = PackageFolder.peers.appending(path: script)
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw BenchmarkError.folderMissing(path: file.path)
        }
        var environment = ProcessInfo.processInfo.environment
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        environment["CUDA_VISIBLE_DEVICES"] = "-1"  // processors are compared, also where a GPU is
        let outcome = try ChildProcess.run(python.interpreter, [file.path] + arguments, environment: environment)
        guard outcome.status == 0 else {
            throw BenchmarkError.peerFailed(script: script, status: outcome.status, reason: outcome.lastComplaint)
        }
        return outcome.standardOutput
    }
}
