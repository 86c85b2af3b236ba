#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A path whose last component is not a symbolic link, divided into folder and name. The file need not exist.
struct ResolvedPath {
    /// The path that the links lead to.
    let path: String

    /// Follows the symbolic links that `path` names, also if the last one leads to nothing.
    init(following path: String) {
        var target = path
        // A system follows about 40 links before it reports a circle.
        for _ in 0..<40 {
            guard let link = Self.destination(ofLink: target) else { break }
            let folder = target.lastIndex(of: "/").map { target[...$0] } ?? ""
            target = link.hasPrefix("/") ? link : folder + link
        }
        self.path = target
    }

    /// The folder that contains the file.
    var folder: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The last component; empty if the path ends with a slash.
    var name: String { path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path }

    /// The path stored in the symbolic link at `path`; nil if there is no link.
    private static func destination(ofLink path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { buffer in
            buffer.withMemoryRebound(to: CChar.self) { readlink(path, $0.baseAddress!, $0.count) }
        }
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }
}
