#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Hands each epoch's metrics on as one line of JSON.
public struct JSONLinesSink: MetricSink {
    private let write: (String) throws -> Void

    /// - Parameter write: is given each line, with its line feed.
    public init(write: @escaping (String) throws -> Void) { self.write = write }

    /// Writes the epoch as one line.
    /// - Throws: what the writer throws.
    public mutating func record(_ metrics: EpochMetrics) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try write(String(decoding: try encoder.encode(metrics), as: UTF8.self) + "\n")
    }
}
