import Chargen
import ChargenTestSupport
import Foundation
import Testing

/// Sources of texts of a user's own, written with the public interface only.
@Suite struct CorpusReaderTests {
    /// Reads what is spoken in a file of subtitles.
    private struct Subtitles: CorpusReader {
        let path: String
        var name: String { path }

        func read() throws -> CorpusContents {
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            let spoken = lines.filter { !$0.contains("-->") && Int($0) == nil }
            return CorpusContents(texts: [(path, spoken.joined(separator: "\n"))])
        }
    }

    /// Texts in memory.
    private struct Notes: CorpusReader {
        struct Locked: Error, Equatable {}

        let name = "notes"
        var texts: [(name: String, text: String)] = []
        var skipped: [String] = []
        var isLocked = false

        func read() throws -> CorpusContents {
            if isLocked { throw Locked() }
            return CorpusContents(texts: texts, skipped: skipped)
        }
    }

    @Test func aFormatOfFiles() throws {
        let folder = try TemporaryFolder()
        let subtitles = "1\n00:01 --> 00:02\nWho is there?\n\n2\n00:03 --> 00:04\nNobody.\n"
        try folder.write(subtitles, to: "film.srt")
        let corpus = try Corpus(reading: Subtitles(path: folder.file("film.srt")))
        #expect(corpus.text == "Who is there?\nNobody.")
        #expect(corpus.path == folder.file("film.srt") && corpus.members.map(\.characters) == [21])
        var options = TrainingOptions()
        options.hiddenSize = 3
        options.epochs = 1
        try Trainer(text: corpus.text, options: options).train()
    }

    @Test func textsAreJoinedAsThoseOfAnArchive() throws {
        let notes = Notes(texts: [("b", "eins\r\nzwei"), ("a", "drei\n")], skipped: ["c"])
        let corpus = try Corpus(reading: notes)
        #expect(corpus.text == "eins\nzwei\n\ndrei\n" && corpus.skipped == ["c"])
        #expect(corpus.members.map(\.name) == ["b", "a"] && corpus.members.map(\.characters) == [9, 5])
        let short = try Corpus(reading: notes, options: CorpusOptions(lineBreaks: .space, limitCharacters: 6))
        #expect(short.text == "eins z" && short.characterCount == 6 && short.distinctCharacters == 6)
    }

    @Test func errorsComeThrough() throws {
        #expect(throws: Notes.Locked()) { try Corpus(reading: Notes(isLocked: true)) }
        #expect(throws: CorpusError.empty(path: "notes")) { try Corpus(reading: Notes()) }
        #expect(throws: CorpusError.limitOutOfRange(0)) {
            try Corpus(reading: Notes(texts: [("a", "b")]), options: CorpusOptions(limitCharacters: 0))
        }
    }

    /// The layers are a closed set: a type of a user's own is refused with an error.
    @Test func layersOfOnesOwnAreRefused() {
        struct Mine: Layer {}
        struct MyLSTM: RecurrentLayer { var options = LSTM(units: 3).options }
        #expect(throws: LayerError.self) { try Sequential([Mine()], inputSize: 3) }
        #expect(throws: LayerError.self) { try Sequential([MyLSTM()], inputSize: 3) }
        #expect(throws: LayerError.self) { try Sequential([Bidirectional(MyLSTM())], inputSize: 3) }
    }
}
