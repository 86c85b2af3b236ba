#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Reads a file from its start to its end, piece by piece, so that a large file needs little memory.
package final class FileReader {
    /// The path of the file, as the user wrote it.
    package let path: String
    /// The size of the file in bytes; nil if the file is a pipe or a device, which has no known size.
    package let size: UInt64?
    /// The number of bytes read so far.
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
        self.descriptor = descriptor  // From here on `deinit` closes it, also if this initializer throws.
        size = kind == S_IFREG ? UInt64(max(0, status.st_size)) : nil
        guard result == 0 else { throw FileError.unreadable(path: path, reason: System.reason) }
        guard kind != S_IFDIR else { throw FileError.isDirectory(path: path) }
    }

    deinit { close(descriptor) }

    /// Reads the next bytes into the start of `buffer`, which must not be empty.
    /// - Returns: The number of bytes read; zero only at the end of the file.
    /// - Throws: ``FileError/unreadable(path:reason:)``.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        precondition(!buffer.isEmpty)
        let count = System.read(descriptor, buffer.baseAddress!, buffer.count)
        guard count >= 0 else { throw FileError.unreadable(path: path, reason: System.reason) }
        bytesRead += UInt64(count)
        return count
    }
}
