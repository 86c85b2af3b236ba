import Chargen
import Foundation

/// Trains chargen and PyTorch on a text, one after the other, and collects their held-out losses.
struct LearningRun {
    /// The path of the text, or of a zip archive of texts.
    let path: String
    /// Seconds of PyTorch's training. chargen chooses its length itself.
    let seconds: Double
    let machine: Machine
    /// The other programs; nil to train chargen alone.
    let peers: Peers?
    let log: Log

    /// Trains all.
    /// - Throws: ``BenchmarkError``, and chargen's errors for a text that cannot be read or is too short.
    func curves() throws -> LearningCurves {
        let corpus = try Corpus(path: path)
        var options = TrainingOptions()
        options.device = .cpu(threads: machine.threads)
        let trainer = try Trainer(text: corpus.text, options: options)
        log.line("chargen learns \(path)")
        final class Lines { var text = "" }
        let lines = Lines()
        try trainer.train(hooks: [MetricsLines { lines.text += $0 }])
        var curves = [try LearningCurve(name: "chargen without options", lines: lines.text)]
        if let peers, peers.missing(for: .pyTorch).isEmpty {
            log.line("PyTorch learns \(path), for \(Numbers.duration(seconds))")
            curves.append(
                try LearningCurve(name: "PyTorch, LSTM of 512 units", lines: try peers.learn(path, seconds: seconds)))
        }
        return LearningCurves(
            text: URL(filePath: path).deletingPathExtension().lastPathComponent, characters: corpus.characterCount,
            machine: "\(machine.processor), \(machine.cores) cores", curves: curves)
    }
}
