import Chargen
import ChargenTestSupport
import Foundation
import Testing

/// `chargen train` when it receives signals.
@Suite struct SignalTests {
    let folder: TemporaryFolder
    let chargen: Command
    static let endless = ["train", "corpus.txt", "--hidden", "16", "--batch-size", "4", "--steps", "10", "--epochs", "1000000"]

    init() throws {
        folder = try TemporaryFolder()
        chargen = Command(folder: folder)
        try folder.write(sampleText(count: 1200), to: "corpus.txt")
        // The process that runs the tests may itself ignore signals, and its children would inherit that.
        for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_DFL) }
    }

    /// A run of the command whose standard error the test reads.
    private final class Run {
        let process: Process
        private let error = Pipe()
        private(set) var text = ""

        init(_ process: Process) throws {
            self.process = process
            process.standardError = error
            try process.run()
        }

        /// Reads until the run reports its first epoch: from then on it handles signals.
        func waitForFirstEpoch() throws {
            var data = Data()
            while !String(decoding: data, as: UTF8.self).contains("epoch 1/") {
                let more = error.fileHandleForReading.availableData
                try #require(!more.isEmpty, "the run ended before its first epoch")
                data += more
            }
            text = String(decoding: data, as: UTF8.self)
        }

        func send(_ signals: Int32...) { for number in signals { kill(process.processIdentifier, number) } }

        /// Reads the rest of the output, waits for the end and returns the exit status.
        func status() -> Int32 {
            text += String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        }
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func theExitStatusNamesTheSignal(_ number: Int32) throws {
        let run = try Run(chargen.process(Self.endless))
        try run.waitForFirstEpoch()
        run.send(number)
        #expect(run.status() == 128 + number)
        #expect(run.text.contains("saved model.safetensors"))
        #expect(try CharacterModel(contentsOf: folder.file("model.safetensors")).training?.steps ?? 0 > 0)
    }

    /// A terminal that closes sends more than one signal, and a supervisor may repeat its own.
    @Test(arguments: [
        [SIGTERM, SIGTERM, SIGTERM], [SIGHUP, SIGTERM, SIGHUP], [SIGTERM, SIGINT, SIGINT], [SIGINT, SIGINT, SIGHUP],
    ])
    func furtherSignalsAtOnceDoNotPreventSaving(_ signals: [Int32]) throws {
        let run = try Run(chargen.process(Self.endless))
        try run.waitForFirstEpoch()
        // The pauses let the run see each signal by itself; they are far shorter than the second after which a Ctrl-C
        // forces the end. Which signal it sees first is the system's choice where they are not the same.
        for number in signals {
            run.send(number)
            usleep(2000)
        }
        #expect(signals.map { 128 + $0 }.contains(run.status()))
        #expect(run.text.contains("saved model.safetensors"))
        #expect(try CharacterModel(contentsOf: folder.file("model.safetensors")).training?.steps ?? 0 > 0)
    }

    @Test func classifiersAreSavedToo() throws {
        let lines = (0..<40).flatMap { ["bright day \($0)\tlight", "dull night \($0)\tdark"] }
        try folder.write(lines.joined(separator: "\n") + "\n", to: "moods.tsv")
        let run = try Run(chargen.process(["classify", "train", "moods.tsv", "--hidden", "4", "--epochs", "100000"]))
        try run.waitForFirstEpoch()
        run.send(SIGTERM, SIGTERM)
        #expect(run.status() == 128 + SIGTERM)
        #expect(try TextClassifier(contentsOf: folder.file("classifier.safetensors")).labelNames == ["dark", "light"])
    }

    /// What `nohup` relies on: a signal that was ignored when the command began stays ignored.
    @Test(arguments: [("HUP", SIGHUP, SIGTERM), ("TERM", SIGTERM, SIGINT), ("INT", SIGINT, SIGHUP)])
    func ignoredSignalsStayIgnored(_ name: String, _ ignored: Int32, _ other: Int32) throws {
        let process = chargen.process([])
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "trap '' \(name); exec \"$@\"", "sh", Command.path] + Self.endless
        let run = try Run(process)
        try run.waitForFirstEpoch()
        run.send(ignored)
        usleep(2000)
        run.send(other)
        #expect(run.status() == 128 + other)
    }

    /// The run cannot finish, since nobody reads its standard error, which is full. A later Ctrl-C ends it.
    @Test func aLaterInterruptForcesTheEnd() throws {
        let path = folder.file("error")
        try #require(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDONLY | O_NONBLOCK), filler = open(path, O_WRONLY | O_NONBLOCK)
        defer { for descriptor in [reader, filler] { close(descriptor) } }
        let process = chargen.process(Self.endless)
        process.standardError = FileHandle(forWritingAtPath: path)
        try process.run()
        process.standardError = nil
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !String(decoding: text, as: UTF8.self).contains("epoch 1/") {
            var ready = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
            try #require(poll(&ready, 1, 60_000) == 1)
            let count = read(reader, &buffer, buffer.count)
            if count > 0 { text += buffer[..<count] }
        }
        while write(filler, buffer, 1) == 1 {}
        kill(process.processIdentifier, SIGTERM)
        // Each Ctrl-C within the first second is ignored; a later one ends the process.
        for _ in 0..<3000 where process.isRunning {
            usleep(20_000)
            kill(process.processIdentifier, SIGINT)
        }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 128 + SIGTERM)
        #expect(try !folder.names().contains("model.safetensors"))
    }
}
