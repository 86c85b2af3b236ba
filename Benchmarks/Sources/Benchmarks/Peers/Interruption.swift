import Foundation
import Synchronization

/// Lets Ctrl-C end the running child as well: Foundation starts children in process groups of their own, which the
/// terminal's signal does not reach.
enum Interruption {
    /// The child that runs, or 0. Lock-free, since a signal's handler reads it.
    private static let child = Atomic<Int32>(0)

    /// From now on SIGINT goes to the child, too, and ends the benchmark with status 130.
    static func watch() {
        child.store(0, ordering: .relaxed)  // makes the variable before a handler could be the first to
        signal(SIGINT) { _ in Interruption.stop() }
    }

    /// Remembers that `process` runs.
    static func begin(_ process: pid_t) { child.store(process, ordering: .relaxed) }

    /// Forgets it.
    static func end() { child.store(0, ordering: .relaxed) }

    /// Passes the signal on and leaves; calls nothing that a handler may not.
    private static func stop() {
        let process = child.load(ordering: .relaxed)
        if process > 0 { kill(process, SIGINT) }
        _exit(130)
    }
}
