import Foundation

/// A Python interpreter with those of the peers' packages that could be installed.
struct Python {
    /// The interpreter.
    let interpreter: URL

    /// Takes the interpreter `name`, a path or a command, as it is.
    /// - Throws: ``BenchmarkError/pythonMissing(name:)``
    init(existing name: String) throws {
        interpreter = try Self.find(name)
    }

    /// The interpreter of `peers/.venv`, which the first run makes and fills, and again when the requirements change.
    /// - Throws: ``BenchmarkError`` where there is no Python or no environment can be made. A package that cannot be
    ///   had is reported and is not an error.
    init(settingUp log: Log) throws {
        let folder = PackageFolder.peers.appending(path: ".venv")
        let requirements = PackageFolder.peers.appending(path: "requirements.txt")
        let installed = folder.appending(path: "installed.txt")
        interpreter = folder.appending(path: "bin/python")
        guard let wanted = try? String(contentsOf: requirements, encoding: .utf8) else {
            throw BenchmarkError.folderMissing(path: PackageFolder.peers.path)
        }
        if (try? String(contentsOf: installed, encoding: .utf8)) == wanted,
            FileManager.default.isExecutableFile(atPath: interpreter.path)
        {
            return
        }
        let python = try Self.find("python3")
        log.line("Setting up Benchmarks/peers/.venv, which takes some minutes the first time")
        let status = try ChildProcess.show(python, ["-m", "venv", "--clear", folder.path])
        guard status == 0 else {
            throw BenchmarkError.setUpFailed(
                step: "python3 -m venv", status: status, hint: "Debian and Ubuntu have it in the package python3-venv")
        }
        try install(requirements, wanted: wanted, log: log)
        try? wanted.write(to: installed, atomically: true, encoding: .utf8)
    }

    /// Installs all of `requirements` at once or, if that fails, one by one.
    private func install(_ requirements: URL, wanted: String, log: Log) throws {
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if try ChildProcess.show(interpreter, pip + ["-r", requirements.path]) == 0 { return }
        log.line("Not all of requirements.txt could be installed; trying one after the other")
        for line in wanted.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            if try ChildProcess.show(interpreter, pip + [String(line)]) != 0 {
                log.line("\(line): cannot be installed; delete Benchmarks/peers/.venv to try again")
            }
        }
    }

    /// The interpreter that `name` stands for, a path or a command on the `PATH`.
    private static func find(_ name: String) throws -> URL {
        let candidates =
            name.contains("/")
            ? [URL(filePath: name)]
            : (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
                .map { URL(filePath: String($0)).appending(path: name) }
        guard let found = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else {
            throw BenchmarkError.pythonMissing(name: name)
        }
        return found
    }
}
