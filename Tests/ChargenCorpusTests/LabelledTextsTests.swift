import ChargenCorpus
import ChargenFiles
import ChargenTensor
import ChargenTestSupport
import Testing

@Suite struct LabelledTextsTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func plainFiles() throws {
        let path = try folder.write(
            "\u{FEFF}I liked it\tgood\r\n\r\n  too long \t\tbad \n \t \na\tb\tgood\r分开\t好", to: "reviews.tsv")
        let texts = try LabelledTexts(contentsOf: path)
        #expect(texts.texts == ["I liked it", "too long", "a\tb", "分开"])
        #expect(texts.labelNames == ["bad", "good", "好"])
        #expect(texts.labels == [1, 0, 1, 2])
        #expect(texts.count == 4 && texts.labelCounts == [1, 2, 1])
        #expect(try LabelledTexts(texts: texts.texts, labels: ["good", "bad", "good", "好"]) == texts)
    }

    @Test func zips() throws {
        let path = folder.file("reviews.zip")
        try ZipWriter.write(texts: [("b.tsv", "three\ty"), ("a.txt", "\u{FEFF}one\tx\ntwo\ty\n")], to: path)
        let texts = try LabelledTexts(contentsOf: path)
        #expect(texts.texts == ["one", "two", "three"])
        #expect(texts.labels == [0, 1, 1])
        let size = UInt64(try folder.bytes(of: "reviews.zip").count)
        #expect(throws: FileError.tooLarge(path: path, bytes: size, limit: 9)) {
            try LabelledTexts(contentsOf: path, limitBytes: 9)
        }
    }

    @Test(arguments: [
        ("a\tx\nno tab \n", LabelledTextsError.missingTab(path: "", member: nil, line: 2, text: "no tab")),
        ("\n\na\tx\r\n \tx\n", .emptyText(path: "", member: nil, line: 4, label: "x")),
        ("a\tx\na\t\n", .emptyLabel(path: "", member: nil, line: 2, text: "a")),
        ("a\tx\t \r\n", .emptyLabel(path: "", member: nil, line: 1, text: "a\tx")),
        ("a\tx\nb\tx\n", .oneLabel(path: "", label: "x")),
        ("\n \n\t\n", .noExamples(path: "")), ("", .noExamples(path: "")), ("\u{FEFF}", .noExamples(path: "")),
    ])
    func whatCannotBe(_ text: String, _ error: LabelledTextsError) throws {
        let plain = try folder.write(text, to: "a.txt")
        #expect(throws: error.at(plain, member: nil)) { try LabelledTexts(contentsOf: plain) }
        // The same as the second member of two, whose first has no fault but that of having one label at most.
        let archive = folder.file("a.zip")
        let isWhole = if case .oneLabel = error { true } else { false }
        try ZipWriter.write(texts: [("a.txt", isWhole ? "c\tx\n" : "\n"), ("b.txt", text)], to: archive)
        #expect(throws: error.at(archive, member: "b.txt")) { try LabelledTexts(contentsOf: archive) }
    }

    @Test func whatTheCorpusReaderFinds() throws {
        let broken = try folder.write("a\tx\nb\t".utf8 + [0xFF], to: "a.txt")
        #expect(throws: CorpusError.notUTF8(path: broken, member: nil, offset: 6, encoding: "GB18030")) {
            try LabelledTexts(contentsOf: broken)
        }
        let named = try folder.write("a\tx", to: "a.zip")
        #expect(throws: CorpusError.notAZip(path: named)) { try LabelledTexts(contentsOf: named) }
        let path = folder.file("nowhere")
        #expect(throws: FileError.notFound(path: path)) { try LabelledTexts(contentsOf: path) }
    }

    @Test func errorsAreOneLine() {
        let errors: [(LabelledTextsError, String)] = [
            (.missingTab(path: "a.txt", member: nil, line: 3, text: "x"),
             "a.txt: line 3: “x” has no tab; write a text, a tab and its label on each line"),
            (.emptyText(path: "a.zip", member: "b.txt", line: 1, label: "x"),
             "a.zip: member “b.txt”, line 1: the label “x” has no text before it; add the text or remove the line"),
            (.emptyLabel(path: "a.txt", member: nil, line: 2, text: "x\ty"),
             "a.txt: line 2: the text “x\\ty” has no label after its last tab; add the label or remove the line"),
            (.oneLabel(path: "a.txt", label: "x"), "a.txt: all texts have the label “x”; add texts with another one"),
            (.oneLabel(path: nil, label: "x"), "all texts have the label “x”; add texts with another one"),
            (.noExamples(path: "a.txt"), "a.txt: there is no labelled text; add lines of a text, a tab and its label"),
            (.noExamples(path: nil), "there is no labelled text; add lines of a text, a tab and its label"),
        ]
        for (error, description) in errors { #expect("\(error)" == description) }
    }

    @Test func textsAtHand() {
        #expect(throws: LabelledTextsError.noExamples(path: nil)) { try LabelledTexts(texts: [], labels: []) }
        #expect(throws: LabelledTextsError.oneLabel(path: nil, label: "x")) {
            try LabelledTexts(texts: ["a", "b"], labels: ["x", "x"])
        }
    }

    /// `counts` texts of each label, one label after the other.
    private func texts(_ counts: [Int]) throws -> LabelledTexts {
        let labels = counts.enumerated().flatMap { Array(repeating: "label \($0)", count: $1) }
        return try LabelledTexts(texts: labels.indices.map { "text \($0)" }, labels: labels)
    }

    @Test(
        arguments: [[100, 50, 10], [7, 3], [1, 1, 1], [4, 4, 4, 4, 4, 4, 4, 4, 4, 4], [1, 99]],
        [0, 0.1, 0.25, 0.5, 0.99])
    func splittingIsAStratifiedPartition(_ counts: [Int], _ fraction: Double) throws {
        let whole = try texts(counts)
        var random = RandomSource(seed: 5)
        let (training, heldOut) = whole.split(heldOut: fraction, using: &random)
        #expect((training.texts + heldOut.texts).sorted() == whole.texts.sorted())
        #expect(training.labelNames == whole.labelNames && heldOut.labelNames == whole.labelNames)
        let labels = Dictionary(uniqueKeysWithValues: zip(whole.texts, whole.labels))
        for part in [training, heldOut] { #expect(part.texts.map { labels[$0] } == part.labels) }
        for (label, count) in counts.enumerated() {
            #expect(training.labelCounts[label] >= 1)
            let share = Double(count) * fraction
            #expect(heldOut.labelCounts[label] >= min(Int(share), count - 1))
            #expect(heldOut.labelCounts[label] <= Int(share.rounded(.up)))
        }
        if counts.allSatisfy({ Double($0) * (1 - fraction) >= 1 }) {
            #expect(heldOut.count == Int((Double(whole.count) * fraction).rounded()))
        }
    }

    @Test func splittingBelongsToTheSeed() throws {
        let whole = try texts([60, 40])
        var first = RandomSource(seed: 1), again = RandomSource(seed: 1), other = RandomSource(seed: 2)
        let split = whole.split(heldOut: 0.2, using: &first)
        #expect(whole.split(heldOut: 0.2, using: &again) == split)
        #expect(whole.split(heldOut: 0.2, using: &other) != split)
        #expect(split.training.texts != split.training.texts.sorted())
    }
}

extension LabelledTextsError {
    /// The same error of another file.
    fileprivate func at(_ path: String, member: String?) -> LabelledTextsError {
        switch self {
        case .missingTab(_, _, let line, let text): .missingTab(path: path, member: member, line: line, text: text)
        case .emptyText(_, _, let line, let label): .emptyText(path: path, member: member, line: line, label: label)
        case .emptyLabel(_, _, let line, let text): .emptyLabel(path: path, member: member, line: line, text: text)
        case .oneLabel(_, let label): .oneLabel(path: path, label: label)
        case .noExamples: .noExamples(path: path)
        }
    }
}
