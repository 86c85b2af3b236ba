import Foundation

/// What is said beside the results, on standard error.
struct Log {
    /// Says `text` without a line's end.
    func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }

    /// Says a line.
    func line(_ text: String) { write(text + "\n") }
}
