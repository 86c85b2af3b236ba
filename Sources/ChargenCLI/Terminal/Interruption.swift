import Dispatch
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Turns Ctrl-C (and the polite kill, and a terminal that goes away) into a flag, so that work can be finished and saved.
/// A second one ends the program at once: what was saved before stays whole.
final class Interruption {
    private let flag = Flag()
    private var sources: [any DispatchSourceSignal] = []

    /// Set from the queue that sees the signals, read by who works.
    private final class Flag: Sendable {
        let isSet = Atomic<Bool>(false)
    }

    /// Watches from now on.
    init() {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            // The system's own handling would end the program; the source sees the signal all the same.
            _ = signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [flag] in
                if flag.isSet.exchange(true, ordering: .relaxed) { _exit(ExitStatus.interrupted) }
            }
            source.resume()
            sources.append(source)
        }
    }

    /// Whether it came.
    var isRequested: Bool { flag.isSet.load(ordering: .relaxed) }
}
