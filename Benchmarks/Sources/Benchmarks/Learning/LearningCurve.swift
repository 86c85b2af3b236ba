import Foundation

/// The held-out loss of a program over its seconds of training.
struct LearningCurve: Codable {
    /// A measurement.
    struct Point: Codable {
        /// Seconds of training, without those of measuring.
        let seconds: Double
        /// The mean negative log-likelihood of a held-out character, in nats.
        let loss: Double
    }

    /// What was trained, for the legend.
    let name: String
    /// The measurements, in the order of time.
    let points: [Point]

    /// Reads lines of JSON as `chargen train --metrics` and `peers/torch_learn.py` write them. Lines without a validation loss
    /// are left out.
    /// - Throws: `DecodingError` where a line is no such object.
    init(name: String, lines: String) throws {
        struct Line: Decodable {
            let seconds: Double
            let validationLoss: Double?
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        self.name = name
        points = try lines.split(whereSeparator: \.isNewline).compactMap { text in
            let line = try decoder.decode(Line.self, from: Data(text.utf8))
            return line.validationLoss.map { Point(seconds: line.seconds.rounded(3), loss: $0.rounded(5)) }
        }
    }
}

/// The curves of several programs on one text, which are kept as JSON and drawn as a chart.
struct LearningCurves: Codable {
    /// A result that others have published: its label, and its only point.
    struct Published {
        let name: String
        let point: LearningCurve.Point
    }

    /// The file of the text, without its folder and its ending.
    let text: String
    /// Characters of the text, of which the last tenth is held out.
    let characters: Int
    /// The processor and its cores.
    let machine: String
    /// The curves: chargen's and PyTorch's.
    let curves: [LearningCurve]

    /// The published results on this text. For tiny Shakespeare, nanoGPT's README has those of its small configuration on a CPU
    /// and of its full one on a GPU.
    var published: [Published] {
        guard characters == 1_115_394 else { return [] }
        return [
            Published(name: "nanoGPT on a CPU, as published", point: .init(seconds: 100, loss: 1.886)),
            Published(name: "nanoGPT on an A100 GPU, as published", point: .init(seconds: 180, loss: 1.4697)),
        ]
    }

    /// Reads what ``json`` wrote.
    /// - Throws: `DecodingError`, and the error of reading the file.
    init(contentsOf url: URL) throws { self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: url)) }

    /// The curves of programs on a text.
    init(text: String, characters: Int, machine: String, curves: [LearningCurve]) {
        self.text = text
        self.characters = characters
        self.machine = machine
        self.curves = curves
    }

    /// The file's text.
    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
        }
    }
}
