/// An error of reading or writing a file, whatever the file contains.
public enum FileError: Error, Equatable, CustomStringConvertible {
    /// There is no file at `path`.
    case notFound(path: String)
    /// `path` is a folder, but a file is needed.
    case isDirectory(path: String)
    /// The file at `path` could not be read; `reason` is the system's message.
    case unreadable(path: String, reason: String)
    /// The file at `path` has `bytes` bytes (or at least so many), more than `limit`.
    case tooLarge(path: String, bytes: UInt64, limit: UInt64)
    /// Line `line`, counted from 1, has more than `limit` bytes.
    case lineTooLong(path: String, line: Int, limit: Int)
    /// `path` cannot be created because its folder `folder` does not exist.
    case folderMissing(path: String, folder: String)
    /// The file at `path` cannot be created; `reason` says why.
    case cannotCreate(path: String, reason: String)
    /// Replacing the file at `path` failed, and its old content is unchanged; `reason` is the system's message.
    case writeFailed(path: String, reason: String)
    /// Writing more to the file at `path` failed; `reason` is the system's message.
    case appendFailed(path: String, reason: String)

    /// One line that says what is wrong and what to do about it.
    public var description: String {
        switch self {
        case .notFound(let path):
            "\(path): no such file; check the name and the folder"
        case .isDirectory(let path):
            "\(path): is a folder; name a file"
        case .unreadable(let path, let reason):
            "\(path): cannot be read (\(reason)); check its permissions"
        case .tooLarge(let path, let bytes, let limit):
            "\(path): has \(bytes) bytes, more than the limit of \(limit); split it"
        case .lineTooLong(let path, let line, let limit):
            "\(path): line \(line) has more than \(limit) bytes; name a text file with shorter lines"
        case .folderMissing(let path, let folder):
            "\(path): the folder \(folder) does not exist; create it first"
        case .cannotCreate(let path, let reason):
            "\(path): cannot be created (\(reason)); name another place"
        case .writeFailed(let path, let reason):
            "\(path): could not be written (\(reason)), what was there before is untouched; "
                + "make room or name another place"
        case .appendFailed(let path, let reason):
            "\(path): could not be written (\(reason)); make room or name another place"
        }
    }
}
