import ChargenFiles
import ChargenTestSupport
import Testing

@Suite struct LineReaderTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The lines that a reader with a buffer of `limit` bytes finds in `text`.
    private func lines(of text: String, limit: Int) throws -> [String] {
        let reader = try LineReader(path: try folder.write(text, to: "a"), limit: limit)
        var lines: [String] = []
        while let bytes = try reader.next() {
            lines.append(String(decoding: bytes, as: UTF8.self))
            #expect(reader.line == lines.count)
        }
        return lines
    }

    @Test(arguments: [
        ("", []), ("\n", [""]), ("a", ["a"]), ("a\n", ["a"]), ("one\n\ntwo\nend", ["one", "", "two", "end"]),
    ])
    func linesOfAnyBuffer(_ text: String, _ expected: [String]) throws {
        for limit in 5...12 { #expect(try lines(of: text, limit: limit) == expected) }
    }

    @Test func linesThatAreTooLong() throws {
        let path = folder.file("a"), error = FileError.lineTooLong(path: path, line: 2, limit: 5)
        #expect(throws: error) { try lines(of: "1234\n123456\n", limit: 5) }
        #expect("\(error)" == "\(path): line 2 has more than 5 bytes; name a text file with shorter lines")
    }

    @Test func writtenTextIsThereAtOnce() throws {
        let path = try folder.write("old", to: "a"), file = try FileWriter(path: path)
        try file.write("分\n")
        #expect(try folder.bytes(of: "a") == Array("分\n".utf8))
        try file.write("end")
        #expect(try folder.bytes(of: "a") == Array("分\nend".utf8))
        let folder = folder.path
        #expect(throws: FileError.self) { try FileWriter(path: folder) }
    }
}
