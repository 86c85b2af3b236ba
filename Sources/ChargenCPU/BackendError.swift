/// An error in the choice of a backend.
public enum BackendError: Error, Equatable, CustomStringConvertible {
    /// `CHARGEN_ISA` names no instruction set that chargen knows.
    case unknownInstructionSet(String)
    /// `CHARGEN_ISA` names an instruction set that this machine does not support.
    case unavailableInstructionSet(InstructionSet)
    /// The number of threads is outside the allowed range.
    case threadsOutOfRange(Int, allowed: ClosedRange<Int>)

    /// The problem and its solution, in one line.
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
