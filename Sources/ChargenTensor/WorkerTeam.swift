import CChargenKernels

/// A persistent team of threads that share the work of an operation.
///
/// `@unchecked Sendable`: the C team runs one job at a time. While it is busy, it runs other jobs on the thread of their
/// caller. Therefore several threads may use one team at once.
package final class WorkerTeam: @unchecked Sendable {
    let team: OpaquePointer

    /// The team that the process shares wherever no number of threads is asked for.
    package static let shared = WorkerTeam(
        size: min(Processor.availableThreads, CPUBackend.threadRange.upperBound))

    /// Creates a team of `size` threads; the caller's thread is one of them.
    package init(size: Int) {
        guard let team = ck_team_create(Int32(size)) else { preconditionFailure("no memory for a team of \(size)") }
        self.team = team
    }

    deinit { ck_team_destroy(team) }

    /// The number of threads, the caller's included.
    package var size: Int { Int(ck_team_size(team)) }
}
