/// An error that stops the benchmark or excludes a program.
enum BenchmarkError: Error, CustomStringConvertible {
    /// There is no interpreter named `name`.
    case pythonMissing(name: String)
    /// A step of setting up the peers' folder failed.
    case setUpFailed(step: String, status: Int32, hint: String)
    /// A program could not be started.
    case notStarted(program: String, reason: String)
    /// A peer's script failed; `reason` is the last line of its error output.
    case peerFailed(script: String, status: Int32, reason: String)
    /// A peer's script printed something else than a JSON object of what it measured.
    case peerUnreadable(script: String, output: String)
    /// A peer's script does other work than is asked for.
    case peerMismatch(script: String, name: String, field: String, found: String?, expected: String)
    /// The package's folder, which holds the peers' scripts, does not exist any more.
    case folderMissing(path: String)
    /// A file cannot be written.
    case cannotWrite(path: String, reason: String)

    /// One line that says what is wrong and what to do about it.
    var description: String {
        switch self {
        case .pythonMissing(let name):
            "\(name) was not found; install Python 3, name an interpreter with --python, or measure chargen alone "
                + "with --no-peers"
        case .setUpFailed(let step, let status, let hint):
            "\(step) ended with status \(status); \(hint)"
        case .notStarted(let program, let reason):
            "\(program) could not be started: \(reason)"
        case .peerFailed(let script, let status, let reason):
            "\(script) ended with status \(status): \(reason.isEmpty ? "it said nothing" : reason)"
        case .peerUnreadable(let script, let output):
            "\(script) printed “\(output.prefix(80))” where a JSON object was expected"
        case .peerMismatch(let script, let name, let field, let found, let expected):
            "\(script) measured \(name) with \(field) = \(found ?? "nothing") instead of \(expected); "
                + "make peers/configs.py and Sources/Benchmarks/Work agree"
        case .folderMissing(let path):
            "\(path) is missing; run the benchmark from the checkout that it was built in"
        case .cannotWrite(let path, let reason):
            "\(path) cannot be written: \(reason)"
        }
    }
}
