import Chargen

/// What `chargen info --machine` tells: how this machine computes.
struct MachineReport: Encodable {
    let instructionSet: String
    let availableInstructionSets: [String]
    let threads: Int
    let trainingPrecision: Precision
    let samplingPrecision: StreamPrecision
    /// Operations per second of products on all threads, measured.
    let peakFloat32: Double
    let peakBfloat16: Double

    /// Long enough for the clock to rise and for a moment without others on the machine.
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
            ("instruction set", "\(instructionSet), of \(availableInstructionSets.joined(separator: ", "))"),
            ("threads", "\(threads)"),
            ("--precision auto", "train \(trainingPrecision.rawValue), sample \(samplingPrecision.rawValue)"),
            ("peak of products", "float32 \(peak(peakFloat32)), bfloat16 \(peak(peakBfloat16))"),
        ]
    }
}
