import Foundation

/// The results as JSON: every single figure, and what is made of them.
struct ResultsJSON: Encodable {
    private let machine: MachineJSON
    private let settings: SettingsJSON
    private let versions: [String: String]
    private let peakGigaflops: PeakJSON
    private let comparisons: [ComparisonJSON]
    private let growth: [GrowthJSON]

    private enum CodingKeys: String, CodingKey {
        case machine, settings, versions
        case peakGigaflops = "peak_gflops"
        case comparisons
        case growth = "growth_from_large_to_2x1024"
    }

    /// Everything in `results`.
    init(_ results: Results) {
        machine = MachineJSON(
            processor: results.machine.processor, cores: results.machine.cores,
            instructionSet: results.machine.instructionSet)
        settings = SettingsJSON(
            rounds: results.rounds, seconds: results.seconds, threads: results.machine.threads)
        versions = results.versions
        peakGigaflops = PeakJSON(
            float32: FiguresJSON(results.peak.float32, unit: 1e9),
            bfloat16: FiguresJSON(results.peak.bfloat16, unit: 1e9))
        comparisons = results.comparisons.map { ComparisonJSON($0, results.peak) }
        growth = results.growth.map {
            GrowthJSON(
                program: $0.name, time: $0.time.rounded(3), operations: $0.operations.rounded(3),
                timeByOperations: $0.timeByOperations.rounded(3))
        }
    }

    /// The file's text.
    func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }

    /// What was measured on.
    private struct MachineJSON: Encodable {
        let processor: String
        let cores: Int
        let instructionSet: String
    }

    /// How it was measured.
    private struct SettingsJSON: Encodable {
        let rounds: Int
        let seconds: Double
        let threads: Int
    }

    /// The machine's peak, 10⁹ FLOP/s.
    private struct PeakJSON: Encodable {
        let float32: FiguresJSON?
        let bfloat16: FiguresJSON?
    }

    /// How time grows with the model.
    private struct GrowthJSON: Encodable {
        let program: String
        let time: Double
        let operations: Double
        let timeByOperations: Double
    }
}
