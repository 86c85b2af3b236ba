import ChargenFiles
import ChargenTestSupport
import Foundation
import Testing

@Suite struct AtomicFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func writesAndReplaces() throws {
        let file = AtomicFile(path: folder.file("a"))
        try file.check()
        #expect(try folder.names().isEmpty)
        try file.write([[1, 2], [], [3]])
        #expect(try folder.bytes(of: "a") == [1, 2, 3])
        try file.check()
        try file.write([[4]])
        #expect(try folder.bytes(of: "a") == [4])
        #expect(try folder.names() == ["a"])
    }

    @Test func aLinkStaysALink() throws {
        try folder.write([1], to: "real")
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("link"), withDestinationPath: folder.file("real"))
        try AtomicFile(path: folder.file("link")).write([[2]])
        #expect(try folder.bytes(of: "real") == [2])
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.file("link")) == folder.file("real"))
    }

    @Test func placesThatCannotBe() throws {
        let missing = folder.file("no/such/file")
        #expect(throws: FileError.folderMissing(path: missing, folder: folder.file("no/such"))) {
            try AtomicFile(path: missing).check()
        }
        #expect(throws: FileError.cannotCreate(path: folder.path, reason: "it is a folder")) {
            try AtomicFile(path: folder.path).write([[1]])
        }
        #expect(throws: FileError.cannotCreate(path: "/dev/null", reason: "it is no ordinary file")) {
            try AtomicFile(path: "/dev/null").write([[1]])
        }
    }
}
