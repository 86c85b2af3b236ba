import Chargen

/// The description of this machine that `chargen info --machine` prints, as lines or as JSON.
struct MachineReport: Encodable {
    let instructionSet: String
    let availableInstructionSets: [String]
    let threads: Int
    let trainingPrecision: Precision
    let samplingPrecision: StreamPrecision
    /// The measured speed of matrix products on all threads, in operations per second.
    let peakFloat32: Double
    let peakBfloat16: Double

    /// Long enough for the processor to reach its highest clock rate, and for other processes to pause.
    private static let measuringSeconds = 0.5

    init() throws {
        instructionSet = try Processor.instructionSet().rawValue
        availableInstructionSets = InstructionSet.allCases.filter(\.isAvailable).map(\.rawValue)
        threads = Processor.availableThreads
        trainingPrecision = try Processor.fasterPrecision()
        samplingPrecision = try Processor.samplingPrecision()
        peakFloat32 = try Processor.peakOperations(.float32, seconds: Self.measuringSeconds)
        peakBfloat16 = try Processor.peakOperations(.bfloat16, seconds: Self.measuringSeconds)
    }

    var lines: [(String, String)] {
        func peak(_ operations: Double) -> String { "\(Numbers.fixed(operations / 1e9, 0)) GFLOP/s" }
        return [
            ("instruction set", "\(instructionSet) (available: \(availableInstructionSets.joined(separator: ", ")))"),
            ("threads", "\(threads)"),
            ("--precision auto", "train \(trainingPrecision.rawValue), sample \(samplingPrecision.rawValue)"),
            ("peak speed", "float32 \(peak(peakFloat32)), bfloat16 \(peak(peakBfloat16)) in matrix products"),
        ]
    }
}
