import ChargenFiles
import ChargenTestSupport
import Foundation
import Testing

@Suite struct WholeFileTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for name in ["sub", "sub/deep"] {
            try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: false)
        }
    }

    private func link(_ name: String, to destination: String) throws {
        try FileManager.default.createSymbolicLink(atPath: folder.file(name), withDestinationPath: destination)
    }

    private func isSame(_ first: String, _ second: String) -> Bool {
        let answer = WholeFile.isSame(folder.file(first), folder.file(second))
        #expect(WholeFile.isSame(folder.file(second), folder.file(first)) == answer)
        return answer
    }

    @Test func filesThatExist() throws {
        try folder.write([1], to: "a")
        try folder.write([1], to: "b")
        try link("to-a", to: "a")
        try FileManager.default.linkItem(atPath: folder.file("a"), toPath: folder.file("hard"))
        #expect(isSame("a", "a") && isSame("a", "sub/../a") && isSame("to-a", "a") && isSame("hard", "a"))
        #expect(!isSame("a", "b") && !isSame("to-a", "b"))
    }

    @Test func filesThatDoNotExistYet() throws {
        #expect(isSame("x", "x") && isSame("x", "./x") && isSame("x", "sub/../x") && isSame("x", "/x"))
        #expect(!isSame("x", "y") && !isSame("x", "sub/x"))
        try link("folder", to: "sub")
        #expect(isSame("folder/x", "sub/x") && isSame("folder/deep/../x", "sub/x"))
        try folder.write([1], to: "a")
        #expect(!isSame("x", "a"))
        #expect(!isSame("no/x", "no/x"))  // no file can be created there
    }

    @Test func linksToFilesThatDoNotExistYet() throws {
        try link("to-x", to: "x")
        try link("sub/to-x", to: "../x")
        try link("absolute", to: folder.file("x"))
        try link("twice", to: "to-x")
        #expect(isSame("to-x", "x") && isSame("sub/to-x", "x") && isSame("absolute", "x") && isSame("twice", "absolute"))
        #expect(!isSame("to-x", "y") && !isSame("sub/to-x", "sub/x"))
        try link("circle", to: "circle")
        #expect(!isSame("circle", "x"))
    }

    @Test func relativePaths() {
        let name = "chargen-test-\(UUID().uuidString)"
        #expect(WholeFile.isSame(name, "./\(name)"))
        #expect(WholeFile.isSame(name, "\(FileManager.default.currentDirectoryPath)/\(name)"))
    }
}
