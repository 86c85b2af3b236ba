import Chargen
import ChargenTestSupport
import Foundation
import Testing

/// `chargen sample` into files and pipes.
@Suite struct SamplePipeTests {
    let folder: TemporaryFolder
    let chargen: Command
    let model: CharacterModel

    init() throws {
        folder = try TemporaryFolder()
        chargen = Command(folder: folder)
        let vocabulary = Vocabulary(text: sampleText(count: 500) + "é🙂")
        let configuration = try RNNConfiguration(vocabularySize: vocabulary.count, hiddenSize: 7)
        model = CharacterModel(network: try RNNModel(configuration: configuration, seed: 2), vocabulary: vocabulary)
        try model.save(to: folder.file("model.safetensors"))
    }

    /// Runs a script of the shell, in which `"$@"` is the command with `arguments`, and returns its exit status.
    private func shell(_ script: String, _ arguments: String...) throws -> Int32 {
        let process = chargen.process([])
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script, "sh", Command.path] + arguments
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    private func text(_ name: String) throws -> String { String(decoding: try folder.bytes(of: name), as: UTF8.self) }

    /// The text would take minutes and gigabytes, so the first characters arrive while it is produced. The reader goes away
    /// after them, and the shell waits for both.
    @Test(.timeLimit(.minutes(1)), arguments: ["", "trap '' PIPE; "])
    func aReaderThatGoesAway(_ before: String) throws {
        let script = before + #"{ "$@" 2>error; echo $? >status; } | head -c 1000 >output"#
        let status = try shell(script, "sample", "--length", "1000000000", "--seed", "1", "--prefix", "rain ")
        #expect(status == 0)
        #expect(try folder.bytes(of: "error").isEmpty)
        #expect(try text("status") == "141\n")  // 128 + SIGPIPE
        let output = try folder.bytes(of: "output")
        #expect(output.count == 1000)
        let expected = try model.generate(prefix: "rain ", length: 1000, seed: 1)
        #expect(output.elementsEqual(expected.utf8.prefix(1000)))
    }

    @Test func pipesAndFilesGetTheSameText() throws {
        let arguments = ["sample", "--length", "30000", "--seed", "9", "--prefix", "on the "]
        let file = try chargen.run(arguments)
        #expect(file.status == 0 && file.error.isEmpty)
        #expect(try file.output == model.generate(prefix: "on the ", length: 30_000, seed: 9) + "\n")
        #expect(try shell(#""$@" | cat >output"#, "sample", "--length", "30000", "--seed", "9", "--prefix", "on the ") == 0)
        #expect(try text("output") == file.output)
    }

    @Test func severalTexts() throws {
        let arguments = ["sample", "--length", "40", "--seed", "3", "--prefix", "a", "--count", "3"]
        let result = try chargen.run(arguments), texts = try model.generate(prefix: "a", length: 40, count: 3, seed: 3)
        #expect(result.status == 0 && result.error.isEmpty)
        #expect(Set(texts).count == 3 && result.output == texts.joined(separator: "\n\n") + "\n")
        #expect(try chargen("sample", "--length", "40", "--seed", "3", "--prefix", "a").output == texts[0] + "\n")
        #expect(try chargen("sample", "--length", "0", "--count", "2", "--prefix", "a").output == "a\n\na\n")
    }

    /// The command ends quietly if its reader ends before anything is written, and with an error if its output is closed.
    @Test func outputsThatNobodyReads() throws {
        #expect(try shell(#"{ sleep 0.2; "$@" 2>error; echo $? >status; } | true"#, "sample", "--length", "10") == 0)
        #expect(try text("status") == "141\n" && text("error").isEmpty)
        #expect(try shell(#""$@" >&- 2>error"#, "sample", "--length", "10") == 74)
        #expect(try text("error").hasPrefix("error: "))
    }
}
