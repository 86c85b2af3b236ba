#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What our files say about themselves: JSON under keys that begin with `chargen.`.
struct FileMetadata {
    static let formatKey = "chargen.format"
    /// The version of what lies under our keys.
    static let format = "1"

    let version: String
    private let path: String
    private let values: [String: String]

    /// The metadata of `file`, which was read from `path`.
    /// - Throws: ``ModelFileError`` where it is none of ours, or of another version.
    init(_ file: SafetensorsFile, path: String) throws {
        guard let version = file.metadata[Self.formatKey] else { throw ModelFileError.notAModel(path: path) }
        guard version == Self.format else { throw ModelFileError.newerFormat(path: path, version: version) }
        self.version = version
        self.path = path
        values = file.metadata
    }

    subscript(key: String) -> String? { values[key] }

    /// What stands under `key`.
    /// - Throws: ``ModelFileError/badHeader(path:reason:)``.
    func read<Value: Decodable>(_ type: Value.Type, _ key: String) throws -> Value {
        do {
            guard let json = values[key] else { throw CocoaError(.fileReadCorruptFile) }
            return try JSONDecoder().decode(type, from: Data(json.utf8))
        } catch {
            throw ModelFileError.badHeader(path: path, reason: "“\(key)” is missing or makes no sense")
        }
    }

    /// `value` as it stands under a key.
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
