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
        let file = try StreamedFile(path: path)
        let size = file.size ?? 0
        guard size <= limit else { throw FileError.tooLarge(path: path, bytes: size, limit: limit) }

        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(size))
        // A pipe has no size, so read until the end says so.
        while true {
            let chunk = try [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
                count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
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
