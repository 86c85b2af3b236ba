import Foundation

/// Messages on standard error.
struct Log {
    /// Writes `text` without a line feed.
    func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }

    /// Writes a line.
    func line(_ text: String) { write(text + "\n") }
}
