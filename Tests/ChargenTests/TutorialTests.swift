import Chargen
import ChargenTestSupport
import Foundation
import Testing

/// The programs of the tutorial are those that `TutorialExample.swift` compiles, and they run.
@Suite struct TutorialTests {
    private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func file(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    private var folder: String { "Sources/Chargen/Chargen.docc/Tutorials" }

    /// The function for a tutorial, as the program that a reader types.
    private func program(_ name: String) throws -> String {
        let source = try file("Tests/ChargenTests/TutorialExample.swift").replacingOccurrences(of: "\\(folder)/", with: "")
        let function = try #require(source.components(separatedBy: "\nfunc tutorial\(name)").last)
        let body = try #require(function.components(separatedBy: "\n}\n").first)
            .split(separator: "\n", omittingEmptySubsequences: false).dropFirst().map { $0.dropFirst(4) }
        return "import Chargen\n\n" + body.joined(separator: "\n") + "\n"
    }

    /// Each step of a tutorial adds lines to the program, and the last one has all of them.
    @Test(arguments: [("Train", 4), ("Sample", 6), ("Classify", 5)])
    func theStepsAreThoseThatCompile(_ name: String, _ count: Int) throws {
        let program = try program(name), tutorial = try file("\(folder)/\(name).tutorial")
        let steps = try (1...count).map { try file("\(folder)/Code/\(name)-\($0).swift") }
        #expect(steps.last == program)
        for (step, next) in zip(steps, steps.dropFirst()) { #expect(next.hasPrefix(step + "\n") && next != step) }
        for number in 1...count { #expect(tutorial.contains("file: \(name)-\(number).swift)")) }
        #expect(!tutorial.contains("\(name)-\(count + 1).swift"))
    }

    @Test func theProgramsRun() async throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.file("corpora"), withIntermediateDirectories: true)
        let song = String(repeating: "The river runs to the sea, and the boats go back to town.\n", count: 20)
        try ZipWriter.write([("song.txt", Array(song.utf8))], to: folder.file("corpora/lyrics-en.zip"))
        let reviews = (1...30).map { "a \($0 % 2 == 0 ? "good" : "bad") room \($0)\t\($0 % 2 == 0 ? "positive" : "negative")\n" }
        try folder.write(reviews.joined(), to: "corpora/reviews.tsv")
        try tutorialTrain(folder: folder.path)
        #expect(try CharacterModel(contentsOf: folder.file("model.safetensors")).training?.validationCharacters == 116)
        try await tutorialSample(folder: folder.path)
        try tutorialClassify(folder: folder.path)
        #expect(try TextClassifier(contentsOf: folder.file("classifier.safetensors")).labelNames == ["negative", "positive"])
    }
}
