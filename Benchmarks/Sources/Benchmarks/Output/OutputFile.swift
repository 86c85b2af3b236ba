import Foundation

/// A file that is written when all is measured.
struct OutputFile {
    private let url: URL

    /// The file at `path`, seen from the current folder. Makes its folder.
    /// - Throws: ``BenchmarkError/cannotWrite(path:reason:)``, so that a wrong path is known before the long wait.
    init(path: String) throws {
        url = URL(filePath: path)
        let folder = url.deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw BenchmarkError.cannotWrite(path: path, reason: error.localizedDescription)
        }
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) {
            if isFolder.boolValue { throw BenchmarkError.cannotWrite(path: path, reason: "it is a folder") }
            if FileManager.default.isWritableFile(atPath: url.path) { return }
        } else if FileManager.default.isWritableFile(atPath: folder.path) {
            return
        }
        throw BenchmarkError.cannotWrite(path: path, reason: "permission denied")
    }

    /// Replaces what the file holds.
    /// - Throws: ``BenchmarkError/cannotWrite(path:reason:)``
    func write(_ text: String) throws {
        do {
            try text.write(to: url, atomically: true, encoding: .utf8)
        } catch {
            throw BenchmarkError.cannotWrite(path: url.path, reason: error.localizedDescription)
        }
    }
}
