import ChargenFiles

/// Reads a file line by line through a buffer of a fixed size, whatever the file's.
final class LineReader {
    /// The file.
    let file: StreamedFile
    /// The number of the line that was read last, from 1.
    private(set) var line = 0
    private let buffer: UnsafeMutableRawBufferPointer
    /// Where in the buffer the bytes lie that are yet to be given.
    private var rest = 0..<0
    private var isAtEnd = false

    /// The file at `path`, none of whose lines may be longer than `limit` bytes.
    /// - Throws: ``FileError``.
    init(path: String, limit: Int = 1 << 20) throws {
        file = try StreamedFile(path: path)
        buffer = .allocate(byteCount: limit, alignment: 1)
    }

    deinit { buffer.deallocate() }

    /// The next line without its line feed; nil at the end. It is there until the next call.
    /// - Throws: ``WordVectorsError/lineTooLong(path:line:limit:)``, ``FileError``.
    func next() throws -> UnsafeRawBufferPointer? {
        var searched = rest.lowerBound
        while true {
            let bytes = buffer, end = rest.upperBound
            while searched < end {
                if bytes[searched] == 0x0A { return take(upTo: searched, skipping: 1) }
                searched += 1
            }
            if isAtEnd { return rest.isEmpty ? nil : take(upTo: rest.upperBound, skipping: 0) }
            // The line begun goes to the buffer's start, to make room for its end.
            let begun = rest.count
            guard begun < buffer.count else {
                throw WordVectorsError.lineTooLong(path: file.path, line: line + 1, limit: buffer.count)
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
