import ArgumentParser
import Chargen

/// `chargen inspect`
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Describe a corpus.",
        discussion: """
            Examples:
              chargen inspect corpora/lyrics-en.zip
              chargen inspect book.txt --newlines space --json
            """
    )

    @OptionGroup var corpus: CorpusArguments

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let report = Report(try corpus.read())
        if json { return try JSONOutput.write(report) }
        var text = "corpus      \(report.path)\n"
        for member in report.members.prefix(10) {
            text += "  \(Numbers.grouped(member.characters)) characters  \(member.name)\n"
        }
        if report.members.count > 10 { text += "  and \(report.members.count - 10) more\n" }
        if !report.skipped.isEmpty {
            text += "skipped     \(report.skipped.joined(separator: ", ")) (not texts)\n"
        }
        let mostFrequent = report.frequencies.prefix(20).map { "\(Self.shown($0.character)) \($0.count)" }
        text += """
            texts       \(Numbers.grouped(report.members.count))
            characters  \(Numbers.grouped(report.characters))
            lines       \(Numbers.grouped(report.lines))
            distinct    \(Numbers.grouped(report.distinct))
            occur once  \(Numbers.grouped(report.frequencies.filter { $0.count == 1 }.count))
            frequent    \(mostFrequent.joined(separator: "  "))

            """
        try Terminal.standardOutput.writeData(text)
    }

    /// A visible form of the character.
    private static func shown(_ character: String) -> String {
        switch character {
        case "\n": "⏎"
        case " ": "␣"
        case "\t": "⇥"
        default: character
        }
    }

    /// The output, as lines or as JSON.
    private struct Report: Encodable {
        struct Member: Encodable {
            let name: String
            let characters: Int
        }

        struct Frequency: Encodable {
            let character: String
            let count: Int
        }

        let path: String
        let members: [Member]
        let skipped: [String]
        let characters: Int
        let distinct: Int
        let lines: Int
        /// The most frequent character first; characters with equal counts are in the order of the vocabulary.
        let frequencies: [Frequency]

        init(_ corpus: Corpus) {
            path = corpus.path
            members = corpus.members.map { Member(name: $0.name, characters: $0.characters) }
            skipped = corpus.skipped
            characters = corpus.characterCount
            distinct = corpus.distinctCharacters
            var counts: [Character: Int] = [:]
            for character in corpus.text { counts[character, default: 0] += 1 }
            lines = counts["\n", default: 0] + (corpus.text.last == "\n" ? 0 : 1)
            let order = Vocabulary(text: corpus.text).characters
            frequencies = order.enumerated()
                .sorted { (counts[$0.element]!, $1.offset) > (counts[$1.element]!, $0.offset) }
                .map { Frequency(character: String($0.element), count: counts[$0.element]!) }
        }
    }
}
