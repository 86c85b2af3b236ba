import ChargenFiles
import ChargenTestSupport
import Testing

@Suite struct FileReaderTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func piecesAreTheWhole() throws {
        let bytes = (0..<1000).map { UInt8($0 % 251) }
        let file = try FileReader(path: try folder.write(bytes, to: "a"))
        #expect(file.size == 1000)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 1)
        defer { buffer.deallocate() }
        var read: [UInt8] = []
        while true {
            let count = try file.read(into: buffer)
            if count == 0 { break }
            read += buffer[..<count]
            #expect(file.bytesRead == UInt64(read.count))
        }
        #expect(read == bytes)
        #expect(try file.read(into: buffer) == 0)
    }

    @Test func filesThatCannotBeRead() throws {
        let path = folder.file("nowhere")
        #expect(throws: FileError.notFound(path: path)) { try FileReader(path: path) }
        #expect(throws: FileError.isDirectory(path: folder.path)) { try FileReader(path: folder.path) }
    }

    @Test func devicesHaveNoSize() throws {
        #expect(try FileReader(path: "/dev/null").size == nil)
    }
}
