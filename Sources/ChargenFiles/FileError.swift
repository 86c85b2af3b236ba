/// What can go wrong with a file, whatever it holds.
public enum FileError: Error, Equatable, CustomStringConvertible {
    /// There is nothing at `path`.
    case notFound(path: String)
    /// `path` is a folder where a file is needed.
    case isDirectory(path: String)
    /// `path` could not be read; `reason` is the system's.
    case unreadable(path: String, reason: String)
    /// `path` has more bytes than are accepted.
    case tooLarge(path: String, bytes: UInt64, limit: UInt64)
    /// The folder that `path` should be written to does not exist.
    case folderMissing(path: String, folder: String)
    /// `path` cannot be created; `reason` is the system's.
    case cannotCreate(path: String, reason: String)
    /// Writing `path` failed, and what was there before is still there; `reason` is the system's.
    case writeFailed(path: String, reason: String)
    /// Writing more to `path` failed; `reason` is the system's.
    case appendFailed(path: String, reason: String)

    /// What is wrong and the way out, in one line.
    public var description: String {
        switch self {
        case .notFound(let path):
            "\(path): no such file; check the name and the folder"
        case .isDirectory(let path):
            "\(path): is a folder; name a file (texts in a folder can be zipped: zip -r corpus.zip FOLDER)"
        case .unreadable(let path, let reason):
            "\(path): cannot be read (\(reason)); check its permissions"
        case .tooLarge(let path, let bytes, let limit):
            "\(path): has \(bytes) bytes, more than the limit of \(limit); split it"
        case .folderMissing(let path, let folder):
            "\(path): the folder \(folder) does not exist; create it first: mkdir -p \(folder)"
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
