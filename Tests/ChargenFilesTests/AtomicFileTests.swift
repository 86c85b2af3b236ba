import ChargenFiles
import ChargenTestSupport
import Dispatch
import Foundation
import Synchronization
import Testing

@Suite struct AtomicFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func writesAndReplaces() throws {
        let file = AtomicFile(path: folder.file("a"))
        try AtomicFile.checkWritable(folder.file("a"))
        #expect(try folder.names().isEmpty)
        try file.write([[1, 2], [], [3]])
        #expect(try folder.bytes(of: "a") == [1, 2, 3])
        try AtomicFile.checkWritable(folder.file("a"))
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

    /// Threads of one process, like containers that number their processes alike, do not share temporary files.
    @Test func concurrentWritersPublishWholeFiles() throws {
        let path = folder.file("a")
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 8) { number in
            let piece = [UInt8](repeating: UInt8(number), count: 100_000)
            for _ in 0..<20 {
                do {
                    try AtomicFile(path: path).write([piece, piece])
                    let found = FileManager.default.contents(atPath: path) ?? Data()
                    if found.count != 200_000 || Set(found).count != 1 { failures.withLock { $0.append("torn file") } }
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(try folder.names() == ["a"])
    }

    /// A name that is taken is not used, whoever took it: nothing is overwritten, and no planted link is followed.
    @Test func takenNamesAreLeftAlone() throws {
        try folder.write([7], to: "victim")
        try folder.write([8], to: "a.first.partial")
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("a.second.partial"), withDestinationPath: folder.file("victim"))
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("a.third.partial"), withDestinationPath: folder.file("nowhere"))
        var suffixes = ["first", "second", "third", "fourth"][...]
        try AtomicFile(path: folder.file("a"), makeSuffix: { suffixes.removeFirst() }).write([[1, 2]])
        #expect(suffixes.isEmpty)
        #expect(try folder.bytes(of: "a") == [1, 2])
        #expect(try folder.bytes(of: "victim") == [7] && folder.bytes(of: "a.first.partial") == [8])
        #expect(try folder.names() == ["a", "a.first.partial", "a.second.partial", "a.third.partial", "victim"])
    }

    @Test func endlesslyTakenNamesAreAnError() throws {
        try folder.write([8], to: "a.x.partial")
        #expect(throws: FileError.self) { try AtomicFile(path: folder.file("a"), makeSuffix: { "x" }).write([[1]]) }
        #expect(try folder.names() == ["a.x.partial"])
    }

    @Test func theModeOfAFileStays() throws {
        let path = try folder.write([1], to: "a")
        for mode in [0o600, 0o640, 0o444] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            try AtomicFile(path: path).write([[2]])
            #expect(try permissions(of: path) == mode)
        }
    }

    @Test func newFilesFollowTheMask() throws {
        try AtomicFile(path: folder.file("a")).write([[1]])
        #expect(FileManager.default.createFile(atPath: folder.file("b"), contents: nil))
        #expect(try permissions(of: folder.file("a")) == permissions(of: folder.file("b")))
    }

    private func permissions(of path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test func placesThatCannotBe() throws {
        let missing = folder.file("no/such/file")
        #expect(throws: FileError.folderMissing(path: missing, folder: folder.file("no/such"))) {
            try AtomicFile.checkWritable(missing)
        }
        #expect(throws: FileError.cannotCreate(path: folder.path, reason: "it is a folder")) {
            try AtomicFile(path: folder.path).write([[1]])
        }
        #expect(throws: FileError.cannotCreate(path: "/dev/null", reason: "it is no ordinary file")) {
            try AtomicFile(path: "/dev/null").write([[1]])
        }
    }
}
