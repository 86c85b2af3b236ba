#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Writes a text file from its start to its end, piece by piece.
///
/// Each piece is in the file when ``write(_:)`` returns, so other programs can read the file while it grows. A file that
/// must appear all at once is written by another type, `AtomicFile`.
///
///     let log = try FileWriter(path: "metrics.jsonl")
///     try log.write("{\"epoch\":1}\n")
public final class FileWriter {
    private let path: String
    private let descriptor: Int32

    /// Creates the file at `path`, or empties it if it exists.
    /// - Throws: ``FileError/cannotCreate(path:reason:)``.
    public init(path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
        guard descriptor >= 0 else { throw FileError.cannotCreate(path: path, reason: System.reason) }
    }

    deinit { close(descriptor) }

    /// Appends `text` in UTF-8 to the file.
    /// - Throws: ``FileError/appendFailed(path:reason:)``.
    public func write(_ text: String) throws {
        guard System.write(text.utf8, to: descriptor) else {
            throw FileError.appendFailed(path: path, reason: System.reason)
        }
    }
}
