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
        let source = try file("Tests/ChargenTests/ReadmeExample.swift"), readme = try file("README.md")
        let functions = source.components(separatedBy: "\nfunc ").dropFirst()
        #expect(functions.count == 4)
        for function in functions {
            let body = function.split(separator: "\n").filter { $0.hasPrefix("    ") }.map { $0.dropFirst(4) }
            #expect(body.count > 5)
            #expect(readme.contains("\n" + body.joined(separator: "\n") + "\n```\n"), "\(body[0])")
        }
    }

    // The examples that need no files run without an error.
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
