import Foundation
import Testing

/// The documentation names everything that `import Chargen` brings in, and nothing else.
@Suite struct PublicNamesTests {
    private let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Sources")

    /// The public names at the top level of all modules of the library.
    private func publicNames() throws -> Set<String> {
        let pattern = #/^(?:@\w+ )*public (?:final )?(?:class|struct|enum|protocol|actor|typealias|func|let|var) (\w+)/#
            .anchorsMatchLineEndings()
        var names: Set<String> = []
        let paths = try FileManager.default.subpathsOfDirectory(atPath: sources.path)
        for path in paths where path.hasSuffix(".swift") && !path.hasPrefix("ChargenCLI/") {
            let text = try String(contentsOf: sources.appendingPathComponent(path), encoding: .utf8)
            names.formUnion(text.matches(of: pattern).map { String($0.output.1) })
        }
        return names
    }

    @Test func theDocumentationNamesWhatIsPublic() throws {
        let page = sources.appendingPathComponent("Chargen/Chargen.docc/Chargen.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let section = try #require(text.firstMatch(of: #/\n## Names\n((?s).*?)\n## /#)).output.1
        let documented = Set(section.matches(of: #/`(\w+)`/#).map { String($0.output.1) })
        let names = try publicNames()
        #expect(names.count > 50)
        #expect(names.subtracting(documented).sorted() == [], "public, but not in the section “Names”")
        #expect(documented.subtracting(names).sorted() == [], "in the section “Names”, but not public")
    }
}
