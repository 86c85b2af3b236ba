import Chargen

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Writes one JSON object to standard output, with keys in snake case, for programs.
enum JSONOutput {
    static func write(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        try Terminal.standardOutput.writeData(String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
    }
}
