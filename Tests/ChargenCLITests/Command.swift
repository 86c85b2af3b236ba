import ChargenTestSupport
import Foundation

/// The command `chargen`, run as a user runs it.
struct Command {
    /// What a run came to.
    struct Result {
        let status: Int32
        let output: String
        let error: String
    }

    let folder: TemporaryFolder

    /// The executable lies beside the tests.
    static let path: String = {
        let beside = [CommandLine.arguments[0]] + Bundle.allBundles.map(\.bundlePath)
        for path in beside {
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            let candidate = folder.appendingPathComponent("chargen").path
            if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
        }
        fatalError("no chargen beside \(beside)")
    }()

    /// A process that runs in the folder and is not started yet.
    func process(_ arguments: [String], environment: [String: String] = [:]) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        return process
    }

    /// Runs to the end.
    func callAsFunction(_ arguments: String..., environment: [String: String] = [:]) throws -> Result {
        try run(arguments, environment: environment)
    }

    /// Runs to the end.
    func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Result {
        let process = process(arguments, environment: environment)
        // Files, not pipes: a pipe that nobody reads fills up.
        let output = folder.file(".output-\(UUID().uuidString)"), error = folder.file(".error-\(UUID().uuidString)")
        for path in [output, error] { try Data().write(to: URL(fileURLWithPath: path)) }
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: error)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        defer { for path in [output, error] { try? FileManager.default.removeItem(atPath: path) } }
        return Result(
            status: process.terminationStatus, output: try String(contentsOfFile: output, encoding: .utf8),
            error: try String(contentsOfFile: error, encoding: .utf8))
    }
}
