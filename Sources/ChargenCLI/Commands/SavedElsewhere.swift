import Chargen

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What was learned could not be written where it should be, and was written elsewhere.
struct SavedElsewhere: Error, CustomStringConvertible {
    let error: FileError
    let path: String

    var description: String { "\(error); the model was saved to \(path) instead" }

    /// Writes by `write` to `path`, or, where that cannot be done any more, to the system's folder for temporary files, so
    /// that a long run is not lost.
    static func save(to path: String, _ write: (String) throws -> Void) throws {
        do {
            try write(path)
        } catch let error as FileError {
            let folder = FileManager.default.temporaryDirectory.path
            let rescue = "\(folder)/chargen-\(ProcessInfo.processInfo.processIdentifier).safetensors"
            do { try write(rescue) } catch _ { throw error }
            throw SavedElsewhere(error: error, path: rescue)
        }
    }
}
