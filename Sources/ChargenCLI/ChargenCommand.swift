import ArgumentParser
import Chargen

/// The command `chargen`.
@main
struct ChargenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chargen",
        abstract: "Train character models on texts, generate text with them, and classify texts.",
        discussion: """
            Examples:
              chargen train lyrics.zip                 writes model.safetensors
              chargen sample --prefix "The river"      reads model.safetensors
              chargen eval model.safetensors new.txt   prints the loss of a text
              chargen classify train reviews.tsv       writes classifier.safetensors
            """,
        version: "0.1.0",
        subcommands: [
            TrainCommand.self, SampleCommand.self, EvalCommand.self, InfoCommand.self, InspectCommand.self,
            ClassifyCommand.self,
        ]
    )

    /// Parses the arguments and runs the command. An error is reported as one line on standard error and as an exit status; see
    /// ``ExitStatus``.
    static func main() {
        _ = ProcessStart.time
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

    /// The command that prints the help of the subcommand in the arguments, or of `chargen` if there is none.
    private static var helpCommand: String {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName }
        let name = CommandLine.arguments.dropFirst().first { names.contains($0) }
        return (["chargen"] + (name.map { [$0] } ?? []) + ["--help"]).joined(separator: " ")
    }
}
