import CChargenKernels

/// A persistent team of threads that share the work of one operation.
///
/// `@unchecked Sendable`: the C team takes one job at a time and runs any other that comes meanwhile on the caller's
/// own thread, so it may be used from several threads at once.
package final class WorkerTeam: @unchecked Sendable {
    let team: OpaquePointer

    /// The team that the process shares wherever no number of threads is asked for.
    package static let shared = WorkerTeam(
        size: min(Processor.availableThreads, CPUBackend.threadRange.upperBound))

    /// A team of `size` threads, the caller's own being one of them.
    package init(size: Int) {
        guard let team = ck_team_create(Int32(size)) else { preconditionFailure("no memory for a team of \(size)") }
        self.team = team
    }

    deinit { ck_team_destroy(team) }

    package var size: Int { Int(ck_team_size(team)) }
}
