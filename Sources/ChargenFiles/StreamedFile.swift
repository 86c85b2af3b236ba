#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A file that is read piece by piece.
package final class StreamedFile {
    /// The file, as the user named it.
    package let path: String
    /// Its bytes; nil where only reading tells how many there are, as of a pipe.
    package let size: UInt64?
    /// Bytes read so far.
    package private(set) var bytesRead: UInt64 = 0
    private let descriptor: Int32

    /// Opens the file at `path`.
    /// - Throws: ``FileError``.
    package init(path: String) throws {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else {
            throw errno == ENOENT || errno == ENOTDIR
                ? FileError.notFound(path: path) : FileError.unreadable(path: path, reason: System.reason)
        }
        var status = stat()
        let result = fstat(descriptor, &status), kind = status.st_mode & S_IFMT
        self.path = path
        self.descriptor = descriptor  // from here on the end of the object closes it, also where this throws
        size = kind == S_IFREG ? UInt64(max(0, status.st_size)) : nil
        guard result == 0 else { throw FileError.unreadable(path: path, reason: System.reason) }
        guard kind != S_IFDIR else { throw FileError.isDirectory(path: path) }
    }

    deinit { close(descriptor) }

    /// Fills the start of `buffer` with the next bytes.
    /// - Returns: How many there were; zero at the end of the file only.
    /// - Throws: ``FileError/unreadable(path:reason:)``.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        precondition(!buffer.isEmpty)
        let count = System.read(descriptor, buffer.baseAddress!, buffer.count)
        guard count >= 0 else { throw FileError.unreadable(path: path, reason: System.reason) }
        bytesRead += UInt64(count)
        return count
    }
}
