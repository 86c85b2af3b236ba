#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Functions for a file as a whole.
package enum WholeFile {
    /// Reads all bytes of the file at `path`, which may also be a pipe.
    /// - Parameter limit: The maximum size in bytes.
    /// - Throws: ``FileError``.
    package static func bytes(of path: String, limit: UInt64) throws -> [UInt8] {
        let file = try FileReader(path: path)
        let size = file.size ?? 0
        guard size <= limit else { throw FileError.tooLarge(path: path, bytes: size, limit: limit) }

        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(size))
        // Read until the end rather than `size` bytes: a pipe has no size, and a file may grow.
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

    /// Returns true if two paths lead to the same file, also through links, and also if the file does not exist yet.
    package static func isSame(_ path: String, _ other: String) -> Bool {
        guard let identity = FileIdentity(path: path) else { return false }
        return identity == FileIdentity(path: other)
    }
}
