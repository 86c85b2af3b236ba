import Chargen

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One JSON object on standard output, for programs.
enum JSONOutput {
    static func write(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try Terminal.standardOutput.writeData(String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
    }
}
