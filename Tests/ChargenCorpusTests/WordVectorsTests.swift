import ChargenCorpus
import ChargenFiles
import ChargenTensor
import ChargenTestSupport
import ChargenText
import Foundation
import Testing

@Suite struct WordVectorsTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func vectors(_ text: String, wanted: Set<String>? = nil) throws -> WordVectors {
        try WordVectors(contentsOf: try folder.write(text, to: "vectors.txt"), wanted: wanted)
    }

    @Test(arguments: ["", "3 2\n", "\u{FEFF}", "\u{FEFF}3 2\r\n"]) func bothFormats(_ header: String) throws {
        let vectors = try vectors(header + "the 0.25 -1\n, 1e-3 +.5 \r\n\n分\t3. 4E2")
        #expect(vectors.dimensions == 2 && vectors.count == 3)
        #expect(vectors.words == ["the", ",", "分"])
        #expect(vectors["the"] == [0.25, -1])
        #expect(vectors[","] == [0.001, 0.5])
        #expect(vectors["分"] == [3, 400])
        #expect(vectors["The"] == nil && vectors[""] == nil)
    }

    @Test func wordsMayHaveSpacesAndBeNumbers() throws {
        let vectors = try vectors("a 1 2\n. . . 3 4\nat name@domain.com 5 6\n7 8 9\nnan 1 1\n")
        #expect(vectors.words == ["a", ". . .", "at name@domain.com", "7", "nan"])
        #expect(vectors[". . ."] == [3, 4] && vectors["at name@domain.com"] == [5, 6] && vectors["7"] == [8, 9])
    }

    @Test func onlyWantedWordsAreKept() throws {
        let text = "3 1\nlondon 1\nLondon 2\nparis 3\n"
        #expect(try vectors(text, wanted: ["London", "Rome"]).words == ["london", "London"])
        #expect(try vectors(text, wanted: ["london"]).words == ["london"])
        #expect(try vectors(text, wanted: []).count == 0)
        #expect(try vectors(text, wanted: []).dimensions == 1)
    }

    /// É is one scalar or two; the bytes differ, so this is no fault of the file.
    @Test func equalToUnicode() throws {
        let vectors = try vectors("\u{C9} 1 2\nE\u{301} 3 4\n")
        #expect(vectors.count == 1 && vectors["\u{C9}"] == [1, 2])
    }

    /// Numbers are rounded as the standard library rounds them.
    @Test func numbers() throws {
        var random = RandomSource(seed: 9)
        var texts = [
            "0", "-0", "00.10", "5.", ".5", "1e5", "1E-5", "16777217", "33554435", "9007199254740993",
            "0.1000000014901161193847656250000000001", "123456789012345678901234567890", "1e-45", "1.4e-45",
            "1.17549e-38", "3.4028235e38", "340282346638528859811704183484516925440",
            "0.000000000000000000000000000000000001",
        ]
        for _ in 0..<2000 {
            let digits = String(random.next()).prefix(Int(random.next() % 19) + 1)
            let point = digits.index(digits.startIndex, offsetBy: Int(random.next() % UInt64(digits.count)))
            texts.append("-\(digits[..<point]).\(digits[point...])e\(Int(random.next() % 50) - 30)")
        }
        // Halfway between two neighbors, and a little to each side of it.
        for _ in 0..<500 {
            let low = Float(bitPattern: UInt32(0x3F80_0000 + random.next() % 0x80_0000))
            let middle = (Double(low) + Double(low.nextUp)) / 2
            texts += ["\(middle)", "\(middle)00001", "\(middle.nextDown)"]
        }
        let found = try vectors("w " + texts.joined(separator: " "))["w"]
        #expect(found == texts.map { Float($0)! })
    }

    @Test(arguments: [
        ("a 1 2\nb 1 x\n", WordVectorsError.malformedNumber(path: "", line: 2, text: "x")),
        ("a 1 0x1p3\n", .malformedNumber(path: "", line: 1, text: "0x1p3")),
        ("a 1 1e\n", .malformedNumber(path: "", line: 1, text: "1e")),
        ("a 1 -\n", .malformedNumber(path: "", line: 1, text: "-")),
        ("a 1 1.2.3\n", .malformedNumber(path: "", line: 1, text: "1.2.3")),
        ("a 1 2\nb 1,5 2\n", .malformedNumber(path: "", line: 2, text: "1,5")),
        ("a 1 2\n\nb 1 NaN\n", .notFinite(path: "", line: 3, text: "NaN")),
        ("a 1 2\nb -inf 1\n", .notFinite(path: "", line: 2, text: "-inf")),
        ("a 1 2\nb 1e39 1\n", .notFinite(path: "", line: 2, text: "1e39")),
        ("a 1 2\nb 1\n", .wrongWidth(path: "", line: 2, found: 1, expected: 2)),
        ("a 1 2\nb 1 2 3 4\n", .wrongWidth(path: "", line: 2, found: 4, expected: 2)),
        ("a 1 2\nb", .wrongWidth(path: "", line: 2, found: 0, expected: 2)),
        ("a\n", .wrongWidth(path: "", line: 1, found: 0, expected: 1)),
        ("2 3\na 1 2 3\nb 1 2\n", .wrongWidth(path: "", line: 3, found: 2, expected: 3)),
        ("a 1 2\nb 1 2\na 3 4\n", .duplicateWord(path: "", line: 3, word: "a", firstLine: 1)),
        ("3 2\na 1 2\nb 1 2\n", .wrongCount(path: "", found: 2, expected: 3)),
        ("1 2\na 1 2\nb 1 2\n", .wrongCount(path: "", found: 2, expected: 1)),
        ("", .empty(path: "")), ("\n \n", .empty(path: "")), ("2 3\n", .empty(path: "")),
        ("PK\u{3}\u{4}…", .packed(path: "")),
    ])
    func whatCannotBe(_ text: String, _ error: WordVectorsError) throws {
        let path = try folder.write(text, to: "vectors.txt")
        #expect(throws: error.at(path)) { try WordVectors(contentsOf: path) }
        // What is not wanted is checked as well, but for duplicates.
        if case .duplicateWord = error { return }
        #expect(throws: error.at(path)) { try WordVectors(contentsOf: path, wanted: []) }
    }

    @Test func bytesThatAreNoText() throws {
        for line in [[0x62, 0xFF, 0x20] + Array("1 2".utf8), [0xFF], Array("b 1 ".utf8) + [0xFF]] {
            let path = try folder.write(Array("a 1 2\n".utf8) + line + [0x0A], to: "vectors.txt")
            #expect(throws: WordVectorsError.notUTF8(path: path, line: 2)) { try WordVectors(contentsOf: path) }
        }
        let gzip = try folder.write([0x1F, 0x8B, 8, 0, 0], to: "vectors.gz")
        #expect(throws: WordVectorsError.packed(path: gzip)) { try WordVectors(contentsOf: gzip) }
        let endless = try folder.write(Array("1 2\n".utf8) + [UInt8](repeating: 0x61, count: 1 << 20), to: "a.bin")
        #expect(throws: FileError.lineTooLong(path: endless, line: 2, limit: 1 << 20)) {
            try WordVectors(contentsOf: endless)
        }
    }

    @Test func filesThatCannotBeRead() throws {
        let path = folder.file("nowhere")
        #expect(throws: FileError.notFound(path: path)) { try WordVectors(contentsOf: path) }
        #expect(throws: FileError.isDirectory(path: folder.path)) { try WordVectors(contentsOf: folder.path) }
    }

    @Test func errorsAreOneLine() {
        let errors: [(WordVectorsError, String)] = [
            (.packed(path: "a"), "a: is packed; unpack it and name one of the files with vectors"),
            (.empty(path: "a"), "a: has no vectors; name a file with a word and its numbers on each line"),
            (.malformedNumber(path: "a", line: 3, text: "x\u{7}"),
             #"a: line 3: “x\u{07}” is not a number; mend or remove the line"#),
            (.notFinite(path: "a", line: 3, text: "nan"),
             "a: line 3: “nan” is not a finite number; mend or remove the line"),
            (.wrongWidth(path: "a", line: 3, found: 1, expected: 2),
             "a: line 3 has 1 number where the first line promises 2; mend or remove the line, "
                + "or copy or download the file again"),
            (.duplicateWord(path: "a", line: 3, word: "w", firstLine: 1),
             "a: line 3 has “w”, which line 1 has too; remove one of them"),
            (.wrongCount(path: "a", found: 3, expected: 4),
             "a: has 3 vectors where line 1 promises 4; copy or download it again, or mend line 1"),
            (.notUTF8(path: "a", line: 3),
             "a: line 3 is not UTF-8; save the vectors as text in UTF-8 (the binary format is not read)"),
        ]
        for (error, description) in errors { #expect("\(error)" == description) }
    }

    /// Many times the reader's buffer, so that lines lie across its end.
    @Test(arguments: [false, true]) func manyLines(_ hasHeader: Bool) throws {
        var random = RandomSource(seed: 4)
        var text = hasHeader ? "20000 30\n" : ""
        let rows = (0..<20_000).map { _ in
            (0..<30).map { _ in Float(Int(random.next() % 200_001) - 100_000) / 100_000 }
        }
        for (row, values) in rows.enumerated() {
            text += "word\(row) \(values.map(\.description).joined(separator: " "))\n"
        }
        let path = try folder.write(text, to: "vectors.txt")

        var reports: [WordVectors.Progress] = []
        let vectors = try WordVectors(contentsOf: path) { reports.append($0) }
        #expect(vectors.count == 20_000 && vectors.dimensions == 30)
        #expect(vectors.words == (0..<20_000).map { "word\($0)" })
        #expect((0..<20_000).allSatisfy { vectors["word\($0)"] == rows[$0] })
        let size = UInt64(text.utf8.count)
        #expect(size > 3 << 20 && reports.count > 4)
        #expect(reports.allSatisfy { $0.totalBytes == size })
        #expect(zip(reports, reports.dropFirst()).allSatisfy { $0.bytes <= $1.bytes && $0.words < $1.words })
        #expect(reports.last?.bytes == size && reports.last?.words == 20_000)

        let some = try WordVectors(contentsOf: path, wanted: ["word7", "word19999", "none"])
        #expect(some.words == ["word7", "word19999"] && some["word19999"] == rows[19_999])
    }

    @Test func readingCanBeStopped() throws {
        struct Stop: Error {}
        let path = try folder.write("a 1\n", to: "vectors.txt")
        #expect(throws: Stop.self) { try WordVectors(contentsOf: path) { _ in throw Stop() } }
    }

    @Test func pipes() throws {
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: Data("a 1 2\nb 3 4\n".utf8))
        try pipe.fileHandleForWriting.close()
        var sizes: [UInt64?] = []
        let vectors = try WordVectors(contentsOf: "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)") {
            sizes.append($0.totalBytes)
        }
        #expect(vectors.words == ["a", "b"] && sizes.allSatisfy { $0 == nil })
    }

    @Test func matrices() throws {
        let vectors = try vectors("cat 1 2\ndog 3 6\n")
        let tokens = [TokenVocabulary.padding, TokenVocabulary.unknown, "cat", "Dog", "fish", "cow"]
        var draws = 0
        let matrix = vectors.matrix(for: tokens) {
            draws += 1
            return draws % 2 == 0 ? -1 : 1
        }
        #expect(matrix.rows == 6 && matrix.columns == 2)
        #expect(matrix.found == 2 && matrix.missing == ["fish", "cow"])
        // Of 1, 2, 3 and 6 the mean is 3 and the variance 3.5.
        let high = Float(3 + 3.5.squareRoot()), low = Float(3 - 3.5.squareRoot())
        #expect(matrix.values == [0, 0, high, low, 1, 2, 3, 6, high, low, high, low])
        #expect(draws == 6)
    }

    @Test func matricesWithoutAnyVector() throws {
        let matrix = try vectors("cat 1 2\n").matrix(for: ["", "fish"]) {
            Issue.record("nothing to draw from")
            return 1
        }
        #expect(matrix.values == [0, 0, 0, 0] && matrix.found == 0 && matrix.missing == ["fish"])
        #expect(try vectors("cat 1 2\n").matrix(for: []) { 1 }.values.isEmpty)
        // Padding is zeros even where its token has a vector.
        #expect(try vectors("cat 1 2\n").matrix(for: ["cat"]) { 1 }.values == [0, 0])
    }

    /// What is drawn is spread as what was found.
    @Test func drawnNumbersAreSpreadAsThoseFound() throws {
        var random = RandomSource(seed: 6)
        let line = (0..<400).map { _ in "\(0.5 + 2 * random.normal())" }.joined(separator: " ")
        let vectors = try vectors("cat \(line)\n")
        var first = RandomSource(seed: 1), again = RandomSource(seed: 1)
        let tokens = ["", "cat"] + (0..<100).map { "other\($0)" }
        let matrix = vectors.matrix(for: tokens) { first.normal() }
        #expect(vectors.matrix(for: tokens) { again.normal() } == matrix)
        func spread(_ values: ArraySlice<Float>) -> (Float, Float) {
            let mean = values.reduce(0, +) / Float(values.count)
            let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            return (mean, (squares / Float(values.count)).squareRoot())
        }
        let found = spread(matrix.values[400..<800]), drawn = spread(matrix.values[800...])
        #expect(abs(found.0 - drawn.0) < 0.05 && abs(found.1 - drawn.1) < 0.05)
    }
}

extension WordVectorsError {
    /// The same error of another file.
    fileprivate func at(_ path: String) -> WordVectorsError {
        switch self {
        case .packed: .packed(path: path)
        case .empty: .empty(path: path)
        case .malformedNumber(_, let line, let text): .malformedNumber(path: path, line: line, text: text)
        case .notFinite(_, let line, let text): .notFinite(path: path, line: line, text: text)
        case .wrongWidth(_, let line, let found, let expected):
            .wrongWidth(path: path, line: line, found: found, expected: expected)
        case .duplicateWord(_, let line, let word, let firstLine):
            .duplicateWord(path: path, line: line, word: word, firstLine: firstLine)
        case .wrongCount(_, let found, let expected): .wrongCount(path: path, found: found, expected: expected)
        case .notUTF8(_, let line): .notUTF8(path: path, line: line)
        }
    }
}
