#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Writes files so that at every moment the old content is there or the new one, whole: to a temporary name in the same
/// folder, synced, then renamed.
package struct AtomicFile {
    /// The file, as the user named it.
    package let path: String
    /// Where the bytes go: `path`, or what it links to.
    private let target: String
    private var temporary: String { "\(folder)/.\(name).\(getpid()).partial" }

    package init(path: String) {
        self.path = path
        // Replace what a link points to, not the link; what it points to need not be there yet.
        var target = path
        for _ in 0..<40 {
            guard let link = Self.destination(ofLink: target) else { break }
            let folder = target.lastIndex(of: "/").map { target[...$0] } ?? ""
            target = link.hasPrefix("/") ? link : folder + link
        }
        self.target = target
    }

    /// What the link at `path` points to; nil where there is none.
    private static func destination(ofLink path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { buffer in
            buffer.withMemoryRebound(to: CChar.self) { readlink(path, $0.baseAddress!, $0.count) }
        }
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }

    /// Makes sure that the file can be written here, without touching what is there: to be asked before long work.
    /// - Throws: ``FileError``.
    package func check() throws {
        close(try create())
        unlink(temporary)
    }

    /// Writes `pieces`, one after the other.
    /// - Throws: ``FileError``; what was there before is then untouched.
    package func write(_ pieces: [[UInt8]]) throws {
        let file = try create()
        var isOpen = true
        do {
            for piece in pieces where !System.write(piece, to: file) { throw failure }
            guard fsync(file) == 0 else { throw failure }
            isOpen = false
            guard close(file) == 0 else { throw failure }
            guard rename(temporary, target) == 0 else { throw failure }
        } catch {
            if isOpen { close(file) }
            unlink(temporary)
            throw error
        }
        // The new name is lasting once the folder is synced; where a system cannot do that, nothing is lost.
        let directory = open(folder, O_RDONLY)
        if directory >= 0 {
            fsync(directory)
            close(directory)
        }
    }

    /// Opens the temporary file.
    private func create() throws -> Int32 {
        var status = stat()
        if stat(target, &status) == 0 {
            switch status.st_mode & S_IFMT {
            case S_IFREG: break
            case S_IFDIR: throw FileError.cannotCreate(path: path, reason: "it is a folder")
            default: throw FileError.cannotCreate(path: path, reason: "it is no ordinary file")
            }
        }
        guard !name.isEmpty else { throw FileError.cannotCreate(path: path, reason: "it names a folder") }
        guard stat(folder, &status) == 0 else { throw FileError.folderMissing(path: path, folder: folder) }
        unlink(temporary)  // left by a process of the same number that was killed
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o666)
        guard file >= 0 else { throw FileError.cannotCreate(path: path, reason: System.reason) }
        return file
    }

    private var failure: FileError { .writeFailed(path: path, reason: System.reason) }

    private var folder: String {
        guard let slash = target.lastIndex(of: "/") else { return "." }
        return slash == target.startIndex ? "/" : String(target[..<slash])
    }

    private var name: String {
        target.lastIndex(of: "/").map { String(target[target.index(after: $0)...]) } ?? target
    }
}
