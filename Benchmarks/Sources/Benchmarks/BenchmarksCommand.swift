import ArgumentParser
import Foundation

/// The command `benchmarks`.
@main
struct BenchmarksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmarks",
        abstract: "Measure the speed of chargen, PyTorch, Keras and ONNX Runtime on the same work, in alternation.",
        discussion: """
            From the repository's root:
              swift run -c release --package-path Benchmarks benchmarks

            The first run installs the others into Benchmarks/peers/.venv. What cannot be installed is left out.
            Medians, ratios and shares of the machine's peak go to standard output, progress to standard error.

            Let nothing else run meanwhile: threads that wait for each other crawl when one of them loses its core.
            """
    )

    @Option(help: ArgumentHelp("The number of rounds; each figure is the median of its rounds.", valueName: "n"))
    var rounds = 5

    @Option(help: ArgumentHelp("The duration of each measurement in seconds.", valueName: "s"))
    var seconds = 4.0

    @Option(
        help: ArgumentHelp(
            "Measure only this work. Repeatable. One of \(Work.names.joined(separator: ", ")).",
            valueName: "name"))
    var only: [String] = []

    @Flag(help: "Measure only chargen.")
    var noPeers = false

    @Flag(help: "Print the time of each part of chargen's training steps, and measure nothing else.")
    var profile = false

    @Flag(help: "Print what keeping, forking and continuing streams costs, and measure nothing else.")
    var sessions = false

    @Option(
        help: ArgumentHelp(
            "Train chargen without options and a PyTorch LSTM on this text, draw their held-out losses over time to "
                + "Benchmarks/results/learning.svg, and measure nothing else.",
            valueName: "text"), completion: .file())
    var learning: String?

    @Option(help: ArgumentHelp("The duration of PyTorch's training with --learning in seconds.", valueName: "s"))
    var learningSeconds = 300.0

    @Flag(help: "Draw the results of the last --learning again, and measure nothing else.")
    var redraw = false

    @Option(
        help: ArgumentHelp(
            "A file for all figures (default: Benchmarks/results/results.json; no file with --only or --no-peers).",
            valueName: "file"), completion: .file(extensions: ["json"]))
    var json: String?

    @Option(
        help: ArgumentHelp(
            "A file for the bar chart (default: Benchmarks/results/speed.svg; no file with --only or --no-peers).",
            valueName: "file"), completion: .file(extensions: ["svg"]))
    var svg: String?

    @Option(help: ArgumentHelp("The number of threads of each program (default: one per core).", valueName: "p"))
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "A Python interpreter with the packages of the other programs, instead of the one in Benchmarks/peers/.venv.",
            valueName: "path"),
        completion: .file())
    var python: String?

    func validate() throws {
        guard rounds >= 1 else { throw ValidationError("--rounds is \(rounds); use 1 or more.") }
        guard learningSeconds > 0, learningSeconds <= 86400 else {
            throw ValidationError("--learning-seconds is \(learningSeconds); use more than 0, at most 86400.")
        }
        guard seconds > 0, seconds <= 3600 else {
            throw ValidationError("--seconds is \(seconds); use more than 0, at most 3600.")
        }
        if let threads, threads < 1 { throw ValidationError("--threads is \(threads); use 1 or more.") }
        for name in only where !Work.names.contains(name) {
            throw ValidationError("--only \(name) is unknown; use one of \(Work.names.joined(separator: ", ")).")
        }
    }

    func run() throws {
        Interruption.watch()
        let ours = try OurWork(threads: threads)
        let names = Set(only.isEmpty ? Work.names : only)
        if profile {
            try printProfiles(of: ours, on: names)
        } else if sessions {
            for line in try Sessions(device: .cpu(threads: threads), seconds: seconds).lines() { print(line) }
        } else if redraw || learning != nil {
            try drawLearning(machine: Machine(ours))
        } else {
            try compare(ours, on: names)
        }
    }

    /// Measures and prints the time of each part of a training step.
    private func printProfiles(of ours: OurWork, on names: Set<String>) throws {
        for configuration in TrainingConfiguration.all where names.contains(configuration.name) {
            let figure = try ours.train(
                configuration, embedding: nil, precision: .automatic, seconds: seconds, profile: true)
            print(ProfileText(configuration: configuration, figure: figure).text + "\n")
        }
    }

    /// Trains on a text, or takes the results that are kept, and draws the curves of learning.
    private func drawLearning(machine: Machine) throws {
        let log = Log()
        let kept = PackageFolder.results.appending(path: "learning.json")
        let (jsonFile, svgFile) = (try OutputFile(path: json ?? kept.path), try outputFile(svg, "learning.svg"))
        let curves: LearningCurves
        if let path = learning {
            let peers = noPeers ? nil : try findPeers(threads: machine.threads, log)
            curves = try LearningRun(path: path, seconds: learningSeconds, machine: machine, peers: peers, log: log).curves()
            try jsonFile.write(try curves.json)
        } else {
            curves = try LearningCurves(contentsOf: json.map { URL(filePath: $0) } ?? kept)
        }
        for curve in curves.curves {
            for point in curve.points {
                print("\(curve.name)\t\(Numbers.fixed(point.seconds, 1)) s\t\(Numbers.fixed(point.loss, 4))")
            }
        }
        try svgFile?.write(LearningChart(curves).svg)
    }

    /// Measures all programs, then prints and writes the results.
    private func compare(_ ours: OurWork, on names: Set<String>) throws {
        let log = Log()
        // Partial results do not replace the files with all results.
        let isPart = !only.isEmpty || noPeers
        let jsonFile = try outputFile(json, isPart ? nil : "results.json")
        let svgFile = try outputFile(svg, isPart ? nil : "speed.svg")
        let peers = noPeers ? nil : try findPeers(threads: ours.threadCount, log)
        var rounds = Rounds(
            Comparison.all(on: names), ours: ours, peers: peers, rounds: self.rounds, seconds: seconds, log: log)
        let results = try rounds.run()
        print(ResultsText(results: results).text)
        try jsonFile?.write(try ResultsJSON(results).text())
        try svgFile?.write(SpeedChart(results: results).svg)
    }

    /// The file that the user named, or `standard` in the folder of results.
    private func outputFile(_ path: String?, _ standard: String?) throws -> OutputFile? {
        try (path ?? standard.map { PackageFolder.results.appending(path: $0).path }).map(OutputFile.init(path:))
    }

    /// The programs to compare with; says which are missing.
    private func findPeers(threads: Int, _ log: Log) throws -> Peers {
        let interpreter = try python.map(Python.init(existing:)) ?? Python(settingUp: log)
        let peers = try Peers(python: interpreter, threads: threads)
        for program in [Program.pyTorch, .keras, .onnxRuntime] {
            let missing = peers.missing(for: program)
            if !missing.isEmpty {
                let packages = missing.joined(separator: ", ")
                log.line("\(program.rawValue) is left out: \(interpreter.interpreter.path) has no \(packages)")
            }
        }
        return peers
    }
}
