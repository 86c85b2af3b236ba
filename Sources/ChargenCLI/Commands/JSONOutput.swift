import Chargen

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Writes JSON objects for programs to standard output, with keys in snake case.
enum JSONOutput {
    static func write(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        try Terminal.standardOutput.writeData(String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
    }
}
