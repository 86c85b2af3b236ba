import CChargenKernels
import ChargenTensor

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

    /// Calls `body` once for each item in `0..<items`, on the threads of the team where `wide` is true, and returns when all
    /// calls have. Results must not depend on which thread runs an item.
    package func run(_ items: Int, wide: Bool, _ body: @Sendable (Int) -> Void) {
        withoutActuallyEscaping(body) { body in
            withUnsafePointer(to: Job(body: body)) { job in
                ck_team_run(
                    team, wide ? 1 : 0, items,
                    { context, turns in
                        guard let turns, let job = context?.assumingMemoryBound(to: Job.self) else { return }
                        while case let item = ck_next(turns), item >= 0 { job.pointee.body(item) }
                    }, UnsafeMutableRawPointer(mutating: job))
            }
        }
    }

    /// What a C job can point to.
    private struct Job {
        let body: @Sendable (Int) -> Void
    }
}
