import Foundation
import Synchronization

/// Lets Ctrl-C end the running child as well: Foundation starts children in process groups of their own, which the
/// terminal's signal does not reach.
enum Interruption {
    /// The child that runs, or 0. Lock-free, since a signal's handler reads it.
    private static let child = Atomic<Int32>(0)

    /// From now on SIGINT goes to the child, too, and ends the benchmark with status 130.
    static func watch() {
        child.store(0, ordering: .relaxed)  // initializes the variable before a handler can read it
        signal(SIGINT) { _ in Interruption.stop() }
    }

    /// Records the running child.
    static func begin(_ process: pid_t) { child.store(process, ordering: .relaxed) }

    /// Records that no child is running.
    static func end() { child.store(0, ordering: .relaxed) }

    /// Passes the signal on and exits. It calls only functions that are safe in a signal handler.
    private static func stop() {
        let process = child.load(ordering: .relaxed)
        if process > 0 { kill(process, SIGINT) }
        _exit(130)
    }
}
