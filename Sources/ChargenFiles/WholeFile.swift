#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Reads files with errors that say what a user needs.
package enum WholeFile {
    /// All bytes, but no more than `limit`.
    /// - Throws: ``FileError``.
    package static func bytes(of path: String, limit: UInt64) throws -> [UInt8] {
        let file = open(path, O_RDONLY)
        guard file >= 0 else {
            throw errno == ENOENT || errno == ENOTDIR
                ? FileError.notFound(path: path) : FileError.unreadable(path: path, reason: System.reason)
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw FileError.unreadable(path: path, reason: System.reason) }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw FileError.isDirectory(path: path) }
        let size = Int(max(0, status.st_size))
        guard UInt64(size) <= limit else { throw FileError.tooLarge(path: path, bytes: UInt64(size), limit: limit) }

        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        // A pipe has no size, so read until the end says so.
        while true {
            var reason: String?
            let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
                let result = System.read(file, buffer.baseAddress!, buffer.count)
                if result < 0 { reason = System.reason }
                count = max(0, result)
            }
            if let reason { throw FileError.unreadable(path: path, reason: reason) }
            if chunk.isEmpty { return bytes }
            bytes += chunk
            guard UInt64(bytes.count) <= limit else {
                throw FileError.tooLarge(path: path, bytes: UInt64(bytes.count), limit: limit)
            }
        }
    }

    /// Whether two paths lead to the same file.
    package static func isSame(_ path: String, _ other: String) -> Bool {
        var (first, second) = (stat(), stat())
        guard stat(path, &first) == 0, stat(other, &second) == 0 else { return false }
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }
}
