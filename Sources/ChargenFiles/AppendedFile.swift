#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A file that is written line by line; each line is in the file when ``write(_:)`` returns.
public final class AppendedFile {
    private let path: String
    private let descriptor: Int32

    /// Creates the file at `path`, or empties the one that is there.
    /// - Throws: ``FileError``.
    public init(path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
        guard descriptor >= 0 else { throw FileError.cannotCreate(path: path, reason: System.reason) }
    }

    deinit { close(descriptor) }

    /// Adds `text` at the end.
    /// - Throws: ``FileError/appendFailed(path:reason:)``.
    public func write(_ text: String) throws {
        guard System.write(text.utf8, to: descriptor) else {
            throw FileError.appendFailed(path: path, reason: System.reason)
        }
    }
}
