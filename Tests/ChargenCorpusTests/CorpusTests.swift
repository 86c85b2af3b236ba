import ChargenCorpus
import ChargenFiles
import ChargenTestSupport
import ChargenText
import Foundation
import Testing

@Suite struct CorpusTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func zip(_ members: [(String, [UInt8])]) throws -> String {
        let path = folder.file("corpus.zip")
        try ZipWriter.write(members.map { (name: $0.0, bytes: $0.1) }, to: path)
        return path
    }

    private func corpus(_ path: String, _ options: CorpusOptions = CorpusOptions()) throws -> String {
        String(try Corpus(path: path, options: options).text)
    }

    @Test func membersInTheOrderOfTheirNames() throws {
        let path = try zip([("b.txt", Array("two\n".utf8)), ("a/z.txt", Array("one".utf8)), ("c.md", Array("three\r\n".utf8))])
        let corpus = try Corpus(path: path)
        #expect(String(corpus.text) == "one\n\ntwo\n\nthree\n")
        #expect(corpus.members.map(\.name) == ["a/z.txt", "b.txt", "c.md"])
        #expect(corpus.members.map(\.characters) == [3, 4, 6])
        #expect(corpus.distinctCharacters == 8)
    }

    @Test func othersAreSkippedAndNamed() throws {
        let path = try zip([
            ("cover.jpg", [0xFF, 0xD8]), ("README", Array("x".utf8)), ("__MACOSX/._a.txt", [0xFF]), (".DS_Store", [0xFF]),
            ("Mr. Brown", Array("y".utf8)), ("data.bin", [0x61, 0]), ("folder/", []),
        ])
        let corpus = try Corpus(path: path)
        #expect(String(corpus.text) == "y\n\nx")
        #expect(corpus.skipped == ["cover.jpg", "data.bin"])
    }

    @Test func lineBreaksMarksAndLimits() throws {
        let path = try folder.write([0xEF, 0xBB, 0xBF] + Array("分\r\n开\rx\ny".utf8), to: "a.txt")
        #expect(try corpus(path) == "分\n开\nx\ny")
        #expect(try corpus(path, CorpusOptions(lineBreaks: .space)) == "分 开 x y")
        #expect(try corpus(path, CorpusOptions(limitCharacters: 3)) == "分\n开")
        #expect(try corpus(path, CorpusOptions(limitCharacters: 99)) == "分\n开\nx\ny")
        #expect(throws: CorpusError.limitOutOfRange(0)) { try corpus(path, CorpusOptions(limitCharacters: 0)) }
    }

    @Test func theShippedCorporaAreWhatTheyPromise() throws {
        let corpora = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/corpora/"
        let chinese = try Corpus(path: corpora + "lyrics-zh.zip")
        #expect(chinese.members.count >= 45 && chinese.text.count >= 14_000 && chinese.distinctCharacters >= 900)
        #expect(Set(chinese.text).isSuperset(of: "不分开"))
        let english = try Corpus(path: corpora + "lyrics-en.zip")
        #expect(english.members.count >= 60 && english.text.count >= 40_000)
    }

    @Test func noSuchFile() throws {
        let path = folder.file("nowhere.zip")
        #expect(throws: FileError.notFound(path: path)) { try Corpus(path: path) }
        #expect(throws: FileError.isDirectory(path: folder.path)) { try Corpus(path: folder.path) }
    }

    /// A pipe cannot be read twice.
    @Test func pipes() throws {
        try ZipWriter.write(texts: [("a.txt", "from a zip")], to: folder.file("a.zip"))
        for (bytes, text) in [(Array("plain text".utf8), "plain text"), (try folder.bytes(of: "a.zip"), "from a zip")] {
            let pipe = Pipe()
            try pipe.fileHandleForWriting.write(contentsOf: Data(bytes))
            try pipe.fileHandleForWriting.close()
            #expect(try corpus("/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)") == text)
        }
    }

    @Test func noZip() throws {
        let path = try folder.write("plain text", to: "a.zip")
        #expect(throws: CorpusError.notAZip(path: path)) { try Corpus(path: path) }
    }

    @Test func truncatedZip() throws {
        let bytes = try bytesOfZip([("a.txt", Array("some text".utf8))])
        for kept in [10, bytes.count / 2, bytes.count - 1] {
            let path = try folder.write(bytes.prefix(kept), to: "cut.zip")
            let error = #expect(throws: CorpusError.self) { try Corpus(path: path) }
            guard case .truncatedZip = error else {
                Issue.record("\(kept) bytes: \(String(describing: error))")
                continue
            }
        }
    }

    @Test func wrongChecksum() throws {
        var bytes = try bytesOfZip([("a.txt", Array("some text".utf8))])
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: "some text".utf8) })
        bytes[place] ^= 1
        let path = try folder.write(bytes, to: "bad.zip")
        let error = #expect(throws: CorpusError.self) { try Corpus(path: path) }
        guard case .damagedMember(path, "a.txt", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func encryptedMember() throws {
        let path = folder.file("secret.zip")
        try ZipWriter.write([("a.txt", Array("text".utf8))], to: path, password: "word")
        #expect(throws: CorpusError.encryptedMember(path: path, member: "a.txt")) { try Corpus(path: path) }
    }

    @Test func nothingToRead() throws {
        let none = try zip([("a.png", [1]), ("b.bin", [2])])
        #expect(throws: CorpusError.noText(path: none, members: 2)) { try Corpus(path: none) }
        // The archive without members is just its end mark.
        let empty = try folder.write([0x50, 0x4B, 5, 6] + [UInt8](repeating: 0, count: 18), to: "empty.zip")
        #expect(throws: CorpusError.noText(path: empty, members: 0)) { try Corpus(path: empty) }
        let blank = try folder.write("", to: "blank.txt")
        #expect(throws: CorpusError.empty(path: blank)) { try Corpus(path: blank) }
        let mark = try zip([("a.txt", [0xEF, 0xBB, 0xBF])])
        #expect(throws: CorpusError.empty(path: mark)) { try Corpus(path: mark) }
    }

    @Test(arguments: [
        ([0x61, 0xFF], 1), ([0xE5, 0x88, 0x86, 0xE5, 0x88], 3), ([0x61, 0x62, 0xC0, 0x80], 2),
        ([0xED, 0xA0, 0x80], 0), ([0xB7, 0xD6, 0xBF, 0xAA], 0), ([0xFF, 0xFE, 0x61, 0], 0),
    ] as [([UInt8], Int)])
    func notUTF8(_ bytes: [UInt8], _ offset: Int) throws {
        let encoding = bytes[0] == 0xFF ? "UTF-16" : "GB18030"
        let text = try folder.write(bytes, to: "a.txt")
        #expect(throws: CorpusError.notUTF8(path: text, member: nil, offset: offset, encoding: encoding)) {
            try Corpus(path: text)
        }
        let archive = try zip([("b.txt", bytes), ("a.txt", [0x61])])
        #expect(throws: CorpusError.notUTF8(path: archive, member: "b.txt", offset: offset, encoding: encoding)) {
            try Corpus(path: archive)
        }
    }

    @Test func tooMuchText() throws {
        // A small archive that would grow.
        let path = folder.file("bomb.zip"), member = [UInt8](repeating: 0x61, count: 60_000)
        try ZipWriter.write([("a.txt", member), ("b.txt", member)], to: path, compressed: true)
        #expect(throws: CorpusError.tooLarge(path: path, bytes: 120_000, limit: 100_000)) {
            try Corpus(path: path, options: CorpusOptions(limitBytes: 100_000))
        }
        let text = try folder.write(member, to: "a.txt")
        #expect(throws: FileError.tooLarge(path: text, bytes: 60_000, limit: 50_000)) {
            try Corpus(path: text, options: CorpusOptions(limitBytes: 50_000))
        }
    }

    @Test func errorsAreOneLine() {
        let errors: [CorpusError] = [
            .notAZip(path: "a"), .truncatedZip(path: "a", reason: "r"),
            .damagedMember(path: "a", member: "m", reason: "r"), .encryptedMember(path: "a", member: "m"),
            .unsupportedMember(path: "a", member: "m", reason: "r"), .tooLarge(path: "a", bytes: 2, limit: 1),
            .noText(path: "a", members: 1), .empty(path: "a"), .notUTF8(path: "a", member: "m", offset: 3, encoding: "UTF-16"),
        ]
        for error in errors { #expect("\(error)".hasPrefix("a: ") && !"\(error)".contains("\n")) }
    }

    private func bytesOfZip(_ members: [(String, [UInt8])]) throws -> [UInt8] {
        _ = try zip(members)
        return try folder.bytes(of: "corpus.zip")
    }
}
