#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The metadata of a file that chargen wrote: JSON values under keys that begin with `chargen.`.
struct FileMetadata {
    /// The key of the format version.
    static let formatKey = "chargen.format"
    /// The version of the format that this code reads and writes.
    static let format = "1"
    /// The key of a classifier's configuration; only classifiers have it.
    static let classifierKey = "chargen.classifier"
    /// The key of the layers of a `Sequential`; only its files have it.
    static let sequentialKey = "chargen.sequential"
    /// The keys of the characters or tokens, and of the rules for texts.
    static let vocabularyKey = "chargen.vocabulary", textKey = "chargen.text"

    /// The format version of the file.
    let version: String
    private let path: String
    private let values: [String: String]

    /// Takes the metadata of `file`, which was read from `path`.
    /// - Throws: ``ModelFileError/notAModel(path:)`` if another program wrote the file,
    ///   ``ModelFileError/newerFormat(path:version:)``.
    init(_ file: SafetensorsFile, path: String) throws {
        guard let version = file.metadata[Self.formatKey] else { throw ModelFileError.notAModel(path: path) }
        guard version == Self.format else { throw ModelFileError.newerFormat(path: path, version: version) }
        self.version = version
        self.path = path
        values = file.metadata
    }

    /// The JSON value of `key`; nil if there is none.
    subscript(key: String) -> String? { values[key] }

    /// The kind of model that the file contains; a character model where nothing tells another kind.
    var kind: SavedModel.Kind {
        if values[Self.classifierKey] != nil { return .classifier }
        return values[Self.sequentialKey] == nil ? .characterModel : .sequential
    }

    /// Checks that the file contains a model of `kind`.
    /// - Throws: ``ModelFileError/otherKind(path:found:needed:)``.
    func require(_ kind: SavedModel.Kind) throws {
        guard self.kind == kind else { throw ModelFileError.otherKind(path: path, found: self.kind, needed: kind) }
    }

    /// Decodes the JSON value of `key`.
    /// - Throws: ``ModelFileError/badHeader(path:reason:)``.
    func read<Value: Decodable>(_ type: Value.Type, _ key: String) throws -> Value {
        do {
            guard let json = values[key] else { throw CocoaError(.fileReadCorruptFile) }
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(type, from: Data(json.utf8))
        } catch {
            throw ModelFileError.badHeader(path: path, reason: "“\(key)” is missing or cannot be decoded")
        }
    }

    /// Decodes the JSON value of `key`; nil if there is none.
    /// - Throws: ``ModelFileError/badHeader(path:reason:)``.
    func readIfPresent<Value: Decodable>(_ type: Value.Type, _ key: String) throws -> Value? {
        values[key] == nil ? nil : try read(type, key)
    }

    /// Encodes `value` as JSON with keys in snake case. The same value always gives the same text.
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
