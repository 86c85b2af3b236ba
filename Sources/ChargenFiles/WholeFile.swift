#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Reads files with errors that say what a user needs.
package enum WholeFile {
    /// At most `count` bytes from the start.
    /// - Throws: ``FileError``.
    package static func prefix(of path: String, count: Int) throws -> [UInt8] {
        try read(path) { _ in count }
    }

    /// All bytes, but no more than `limit`.
    /// - Throws: ``FileError``.
    package static func bytes(of path: String, limit: UInt64) throws -> [UInt8] {
        try read(path) { size in
            guard size <= limit else { throw FileError.tooLarge(path: path, bytes: size, limit: limit) }
            return nil
        }
    }

    /// Reads as many bytes as `wanted` says for the file's size, or all of them where it says nil.
    private static func read(_ path: String, wanted: (UInt64) throws -> Int?) throws -> [UInt8] {
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
        let most = try wanted(UInt64(size)) ?? Int.max

        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(most, size))
        // A pipe has no size, so read until the end says so.
        let chunkSize = min(most, 1 << 20)
        while bytes.count < most {
            var reason: String?
            let chunk = [UInt8](unsafeUninitializedCapacity: chunkSize) { buffer, count in
                let result = System.read(file, buffer.baseAddress!, min(chunkSize, most - bytes.count))
                if result < 0 { reason = System.reason }
                count = max(0, result)
            }
            if let reason { throw FileError.unreadable(path: path, reason: reason) }
            if chunk.isEmpty { break }
            bytes += chunk
        }
        return bytes
    }
}
