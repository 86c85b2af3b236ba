import Chargen
import ChargenTestSupport
import Foundation
import Testing

@Suite struct ReadmeTests {
    private func file(_ path: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The README shows what `ReadmeExample.swift` compiles.
    @Test func theExamplesAreThoseThatCompile() throws {
        let readme = try file("README.md")
        let source = try file("Tests/ChargenTests/ReadmeExample.swift").replacingOccurrences(of: "\\(folder)/", with: "")
        let functions = source.components(separatedBy: "\nfunc ").dropFirst()
        #expect(functions.count == 5)
        for function in functions {
            let body = try #require(function.components(separatedBy: "\n}\n").first)
                .split(separator: "\n", omittingEmptySubsequences: false).dropFirst().map { $0.dropFirst(4) }
            #expect(body.count > 5)
            #expect(readme.contains("\n" + body.joined(separator: "\n") + "\n```\n"), "\(body[0])")
        }
    }

    @Test func theExamplesRun() async throws {
        let folder = try TemporaryFolder()
        let text = "Once upon a time there was a river. The river ran to the sea.\n"
        try await readmeExample(text: text, other: "There was a sea. " + text, folder: folder.path)
        let model = try CharacterModel(contentsOf: folder.file("model.safetensors"))
        #expect(model.vocabulary.count == Set(text).count)
        try readmeFilter(model: model)
    }

    @Test func theLayersFit() throws { try readmeLayers() }
    @Test func theHooksRun() throws { try readmeFit() }
    @Test func theStateIsRestored() throws { try readmeState() }

    /// `.ci/run` calls the test command that the README tells a user to call.
    @Test func continuousIntegrationCallsTheTestCommandOfTheReadme() throws {
        let script = try file(".ci/run")
        let command = try #require(script.split(separator: "\n").first { $0.contains("swift test") })
        #expect(try file("README.md").contains(command))
    }
}
