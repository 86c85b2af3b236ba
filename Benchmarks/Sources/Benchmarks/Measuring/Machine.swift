import Foundation

/// The machine of the measurements.
struct Machine {
    /// The processor's name.
    let processor: String
    /// Cores that this process may use.
    let cores: Int
    /// The instruction set of chargen's kernels.
    let instructionSet: String
    /// Threads that every program is given.
    let threads: Int

    /// This machine.
    init(_ ours: OurWork) {
        let name = Self.processorName() ?? "unknown processor"
        processor = name.replacing("(R)", with: "").replacing("(TM)", with: "")
            .split(separator: " ").joined(separator: " ")
        cores = ProcessInfo.processInfo.activeProcessorCount
        instructionSet = ours.instructionSet
        threads = ours.threadCount
    }

    /// The processor's name, from the operating system.
    private static func processorName() -> String? {
        #if canImport(Darwin)
            var size = 0
            guard sysctlbyname("machdep.cpu.brand_string", nil, &size, nil, 0) == 0, size > 0 else { return nil }
            var bytes = [UInt8](repeating: 0, count: size)
            guard sysctlbyname("machdep.cpu.brand_string", &bytes, &size, nil, 0) == 0 else { return nil }
            return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        #else
            guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return nil }
            let fields = text.split(separator: "\n").map { $0.split(separator: ":", maxSplits: 1) }
            // On Arm, the kernel reports at most the name of the board.
            for wanted in ["model name", "Hardware", "Model"] {
                for field in fields where field.count == 2 && field[0].trimmingCharacters(in: .whitespaces) == wanted {
                    return field[1].trimmingCharacters(in: .whitespaces)
                }
            }
            return nil
        #endif
    }
}
