import Chargen

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// An error: a trained model could not be written to its path and was written to another path.
struct SavedElsewhere: Error, CustomStringConvertible {
    /// The reason why the file could not be written to its path.
    let error: FileError
    /// The path of the file that was written instead.
    let path: String

    /// The reason and the path of the model, in one line.
    var description: String { "\(Advice.message(for: error)); the model was saved to \(path) instead" }

    /// Calls `write` with `path`. If the file cannot be written there, calls it with a path in the system's folder for
    /// temporary files, so that the result of a long run is not lost.
    ///
    /// That file lies in a new folder with a random name, which only the user can read and write.
    /// - Throws: ``SavedElsewhere`` if the file was written elsewhere, `FileError` if it was written nowhere.
    static func save(to path: String, _ write: (String) throws -> Void) throws {
        do {
            try write(path)
        } catch let error as FileError {
            guard let folder = makeFolder() else { throw error }
            let name = path.split(separator: "/").last ?? "model.safetensors"
            let rescue = "\(folder)/\(name)"
            do {
                try write(rescue)
            } catch _ {
                rmdir(folder)
                throw error
            }
            throw SavedElsewhere(error: error, path: rescue)
        }
    }

    /// Creates a folder with a new random name; returns nil if that fails.
    private static func makeFolder() -> String? {
        var template = Array("\(FileManager.default.temporaryDirectory.path)/chargen-XXXXXX".utf8CString)
        return template.withUnsafeMutableBufferPointer { buffer in
            mkdtemp(buffer.baseAddress!).map { String(cString: $0) }
        }
    }
}
