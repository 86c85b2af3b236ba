import ArgumentParser
import Chargen

/// The command `chargen`.
@main
struct ChargenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chargen",
        abstract: "Learns the characters of a text and writes more of it.",
        discussion: """
            Examples:
              chargen train lyrics.zip                 writes model.safetensors
              chargen sample --prefix "The river"      reads it
              chargen eval model.safetensors new.txt   measures it
              chargen classify train reviews.tsv       learns to tell labels
            """,
        version: "0.1.0",
        subcommands: [
            TrainCommand.self, SampleCommand.self, EvalCommand.self, InfoCommand.self, InspectCommand.self,
            ClassifyCommand.self,
        ]
    )

    /// Runs the command that was asked for. Errors are one line on standard error and an exit status; see ``ExitStatus``.
    static func main() {
        Terminal.holdStandardDescriptors()
        var command: any ParsableCommand
        do {
            command = try parseAsRoot()
        } catch {
            let status = exitCode(for: error)
            if status == .success { exit(withError: error) }  // help and version
            let message = ExitStatus.oneLine(message(for: error))
            let reason = message.hasSuffix(".") ? message.dropLast() : message[...]
            Terminal.standardError.write("error: \(reason) (see: \(helpCommand))\n")
            exit(withError: ExitCode(ExitStatus.usage))
        }
        do {
            try command.run()
        } catch let error as ExitCode {
            exit(withError: error)
        } catch {
            if exitCode(for: error) == .success { exit(withError: error) }
            Terminal.standardError.write("error: \(ExitStatus.message(for: error))\n")
            exit(withError: ExitCode(ExitStatus.code(for: error)))
        }
        exit(withError: nil)
    }

    /// The help that belongs to what was typed.
    private static var helpCommand: String {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName }
        let name = CommandLine.arguments.dropFirst().first { names.contains($0) }
        return (["chargen"] + (name.map { [$0] } ?? []) + ["--help"]).joined(separator: " ")
    }
}
