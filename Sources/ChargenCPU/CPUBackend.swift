import CChargenKernels
import ChargenTensor

/// The backend that computes on the processor's own cores.
package final class CPUBackend: Backend {
    package let instructionSet: InstructionSet
    private let kernels: Kernels
    package let workers: WorkerTeam
    package let profile: Profile?

    /// A table of C functions.
    ///
    /// `@unchecked Sendable`: the table is constant and lives as long as the program.
    private struct Kernels: @unchecked Sendable {
        let table: UnsafePointer<ck_kernels>
    }

    /// The range of thread counts that make sense.
    package static let threadRange = 1...256

    /// - Parameters:
    ///   - threads: the number of threads, the caller's included. By default, all backends of the process share one team
    ///     of as many threads as the process may use; an explicit number makes a team of its own. Results do not depend
    ///     on it.
    ///   - instructionSet: by default what `CHARGEN_ISA` says, or else the widest that the machine offers.
    ///   - profile: where time is counted, if it is to be.
    /// - Throws: ``BackendError``.
    package init(threads: Int? = nil, instructionSet: InstructionSet? = nil, profile: Profile? = nil) throws {
        let chosen = try instructionSet ?? Self.forcedInstructionSet() ?? .best
        guard let table = ck_kernels_for(chosen.isa) else { throw BackendError.unavailableInstructionSet(chosen) }
        if let threads, !(Self.threadRange ~= threads) {
            throw BackendError.threadsOutOfRange(threads, allowed: Self.threadRange)
        }
        self.instructionSet = chosen
        self.profile = profile
        kernels = Kernels(table: table)
        workers = threads.map { WorkerTeam(size: $0) } ?? .shared
    }

    private static func forcedInstructionSet() throws -> InstructionSet? {
        guard let name = environment("CHARGEN_ISA"), !name.isEmpty else { return nil }
        guard let set = InstructionSet(rawValue: name) else { throw BackendError.unknownInstructionSet(name) }
        return set
    }

    package var threads: Int { workers.size }
    package var fasterStreamPrecision: StreamPrecision {
        StreamPrecision.automatic.resolved(table) == CK_STREAM_INT8 ? .int8 : .float32
    }
    package var fasterPrecision: OperandPrecision { ck_prefers_bfloat16(table) != 0 ? .bfloat16 : .float32 }
    var team: OpaquePointer { workers.team }
    var table: UnsafePointer<ck_kernels> { kernels.table }
}
