import Foundation

/// A program that is run to its end.
enum ChildProcess {
    /// The result of a program.
    struct Outcome {
        /// Exit status, or the number of the signal that ended it.
        let status: Int32
        let standardOutput: String
        /// The last line on standard error.
        let lastComplaint: String
    }

    /// Runs `program` and collects its output.
    /// - Throws: ``BenchmarkError/notStarted(program:reason:)``
    static func run(_ program: URL, _ arguments: [String], environment: [String: String]) throws -> Outcome {
        // Standard error goes to a file and not to a second pipe, which something would have to read at the same time.
        let complaints = FileManager.default.temporaryDirectory.appending(path: "benchmarks-\(UUID().uuidString)")
        try? Data().write(to: complaints)
        defer { try? FileManager.default.removeItem(at: complaints) }
        let output = Pipe()
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.environment = environment
        process.standardOutput = output
        process.standardError = (try? FileHandle(forWritingTo: complaints)) ?? FileHandle.nullDevice
        try start(process)
        defer { Interruption.end() }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let said = (try? Data(contentsOf: complaints)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return Outcome(
            status: process.terminationStatus,
            standardOutput: String(decoding: data, as: UTF8.self),
            lastComplaint: said.split(whereSeparator: \.isNewline).last.map(String.init) ?? "")
    }

    /// Runs `program` and shows all of its output on standard error.
    /// - Returns: the exit status.
    /// - Throws: ``BenchmarkError/notStarted(program:reason:)``
    static func show(_ program: URL, _ arguments: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.standardOutput = FileHandle.standardError
        try start(process)
        defer { Interruption.end() }
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Starts `process` without an input.
    private static func start(_ process: Process) throws {
        process.standardInput = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            throw BenchmarkError.notStarted(
                program: process.executableURL?.path ?? "", reason: error.localizedDescription)
        }
        Interruption.begin(process.processIdentifier)
    }
}
