/// Why no backend could be made.
public enum BackendError: Error, Equatable, CustomStringConvertible {
    /// `CHARGEN_ISA` names no instruction set that chargen knows.
    case unknownInstructionSet(String)
    /// `CHARGEN_ISA` names an instruction set that this machine does not offer.
    case unavailableInstructionSet(InstructionSet)
    /// More or fewer threads than can be.
    case threadsOutOfRange(Int, allowed: ClosedRange<Int>)

    /// What is wrong and the way out, in one line.
    public var description: String {
        switch self {
        case .unknownInstructionSet(let name):
            "CHARGEN_ISA=\(name) is unknown; use one of \(InstructionSet.allCases.map(\.rawValue).joined(separator: ", "))"
        case .unavailableInstructionSet(let set):
            "this machine does not offer CHARGEN_ISA=\(set.rawValue); unset it to use \(InstructionSet.best.rawValue)"
        case .threadsOutOfRange(let count, let allowed):
            "\(count) threads are out of range; use \(allowed.lowerBound) to \(allowed.upperBound)"
        }
    }
}
