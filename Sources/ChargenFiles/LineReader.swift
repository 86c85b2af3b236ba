/// Reads a text file line by line through a buffer of a fixed size, so that a large file needs little memory.
package final class LineReader {
    /// The file that is read.
    package let file: FileReader
    /// The number of the line that was read last, counted from 1; zero before the first line.
    package private(set) var line = 0
    private let buffer: UnsafeMutableRawBufferPointer
    /// The range of the bytes in `buffer` that no line has contained yet.
    private var rest = 0..<0
    private var isAtEnd = false

    /// Opens the file at `path`.
    /// - Parameter limit: The maximum length of a line in bytes, and the size of the buffer.
    /// - Throws: ``FileError``.
    package init(path: String, limit: Int = 1 << 20) throws {
        file = try FileReader(path: path)
        buffer = .allocate(byteCount: limit, alignment: 1)
    }

    deinit { buffer.deallocate() }

    /// Reads the next line.
    /// - Returns: The bytes of the line without its line feed, valid until the next call; nil at the end of the file.
    /// - Throws: ``FileError/lineTooLong(path:line:limit:)``, ``FileError/unreadable(path:reason:)``.
    package func next() throws -> UnsafeRawBufferPointer? {
        var searched = rest.lowerBound
        while true {
            let bytes = buffer, end = rest.upperBound
            while searched < end {
                if bytes[searched] == 0x0A { return take(upTo: searched, skipping: 1) }
                searched += 1
            }
            if isAtEnd { return rest.isEmpty ? nil : take(upTo: rest.upperBound, skipping: 0) }
            // Move the incomplete line to the start of the buffer to make room for its end.
            let begun = rest.count
            guard begun < buffer.count else {
                throw FileError.lineTooLong(path: file.path, line: line + 1, limit: buffer.count)
            }
            if rest.lowerBound > 0 {
                buffer.baseAddress!.copyMemory(from: buffer.baseAddress! + rest.lowerBound, byteCount: begun)
            }
            let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[begun...]))
            isAtEnd = count == 0
            rest = 0..<begun + count
            searched = begun
        }
    }

    private func take(upTo end: Int, skipping feed: Int) -> UnsafeRawBufferPointer {
        defer { rest = end + feed..<rest.upperBound }
        line += 1
        return UnsafeRawBufferPointer(rebasing: buffer[rest.lowerBound..<end])
    }
}
