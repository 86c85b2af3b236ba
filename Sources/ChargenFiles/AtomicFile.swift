#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Writes files atomically: whoever opens the file sees its old content or its new content, never a part.
///
/// The bytes go to a temporary file in the same folder, which is synced and then renamed to the final name. The temporary
/// file is `NAME.RANDOM.partial`; a process that is killed may leave it behind, and it can be deleted.
package struct AtomicFile {
    /// The path of the file, as the user wrote it.
    package let path: String
    /// The path that is written: a link stays a link, and the file that it leads to is replaced.
    private let target: ResolvedPath
    private let makeSuffix: () -> String

    /// A file at `path`. Nothing is opened or created yet.
    /// - Parameter makeSuffix: Returns the random part of a temporary file's name; called again if the name is taken.
    package init(
        path: String,
        makeSuffix: @escaping () -> String = { String(UInt64.random(in: UInt64.min...UInt64.max), radix: 36) }
    ) {
        self.path = path
        self.makeSuffix = makeSuffix
        target = ResolvedPath(following: path)
    }

    /// Checks that a file can be written to `path`, without changing a file that is there. Call it before long work.
    /// - Throws: ``FileError/folderMissing(path:folder:)``, ``FileError/cannotCreate(path:reason:)``.
    package static func checkWritable(_ path: String) throws {
        let temporary = try AtomicFile(path: path).createTemporary()
        close(temporary.descriptor)
        unlink(temporary.path)
    }

    /// Writes `pieces`, one after the other, as the new content of the file.
    ///
    /// A file that exists keeps its permissions; a new one gets those that the process's mask (`umask`) allows.
    /// - Throws: ``FileError``; a file that was there before is then unchanged.
    package func write(_ pieces: [[UInt8]]) throws {
        let temporary = try createTemporary(), file = temporary.descriptor
        var isOpen = true
        do {
            for piece in pieces where !System.write(piece, to: file) { throw failure }
            guard fsync(file) == 0 else { throw failure }
            isOpen = false
            guard close(file) == 0 else { throw failure }
            guard rename(temporary.path, target.path) == 0 else { throw failure }
        } catch {
            if isOpen { close(file) }
            unlink(temporary.path)
            throw error
        }
        // The new name survives a crash once the folder is synced. Some file systems cannot do that; ignore it there.
        let directory = open(target.folder, O_RDONLY)
        if directory >= 0 {
            fsync(directory)
            close(directory)
        }
    }

    /// Creates a temporary file beside the target under a name that no file has, with the target's permissions.
    private func createTemporary() throws -> (path: String, descriptor: Int32) {
        var status = stat()
        var mode: mode_t?
        if stat(target.path, &status) == 0 {
            switch status.st_mode & S_IFMT {
            case S_IFREG: mode = status.st_mode & 0o777
            case S_IFDIR: throw FileError.cannotCreate(path: path, reason: "it is a folder")
            default: throw FileError.cannotCreate(path: path, reason: "it is no ordinary file")
            }
        }
        guard !target.name.isEmpty else { throw FileError.cannotCreate(path: path, reason: "it names a folder") }
        guard stat(target.folder, &status) == 0 else {
            throw FileError.folderMissing(path: path, folder: target.folder)
        }
        for _ in 0..<Self.attempts {
            let temporary = "\(target.folder)/\(target.name).\(makeSuffix()).partial"
            // O_EXCL: never open a file or a link that is already there, whoever put it there.
            let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
            let file = open(temporary, flags, mode == nil ? 0o666 : 0o600)
            if file >= 0 {
                // File systems without permissions refuse this; nothing is lost there.
                if let mode { fchmod(file, mode) }
                return (temporary, file)
            }
            guard errno == EEXIST else { break }
        }
        throw FileError.cannotCreate(path: path, reason: System.reason)
    }

    /// Random names that are tried; already a second one is rarely needed.
    private static let attempts = 100

    private var failure: FileError { .writeFailed(path: path, reason: System.reason) }
}
