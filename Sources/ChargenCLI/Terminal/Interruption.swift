import Dispatch
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Turns SIGINT (Ctrl-C), SIGTERM (`kill`) and SIGHUP (a closed terminal) into a request that a long run can read, so that it
/// can save its results and then exit.
///
/// The first signal is the request; the ones that follow change nothing, since a closing terminal or a supervisor may send
/// several at once. The exception is a Ctrl-C at least one second after the first signal: it ends the process without
/// saving. A signal that was ignored when the process began stays ignored, as `nohup` needs it.
///
///     let interruption = Interruption()
///     while !isFinished && !interruption.isRequested { step() }
///     save()
///     if interruption.isRequested { throw ExitCode(interruption.exitCode) }
final class Interruption {
    private let request = Request()
    private var sources: [any DispatchSourceSignal] = []

    /// Receives the signals from now on.
    init() {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            // The default action would end the process. A dispatch source also sees a signal that is ignored.
            if ignore(number) { continue }
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [request] in
                if request.isForced(by: number) { _exit(Self.exitCode(for: request.signal ?? number)) }
            }
            source.resume()
            sources.append(source)
        }
    }

    /// The number of the first signal that was received; nil if there was none.
    var signal: Int32? { request.signal }

    /// True once a signal was received.
    var isRequested: Bool { signal != nil }

    /// The exit status of a run that a signal ended: 128 + n for signal number n, as shells report it; 0 without a signal.
    var exitCode: Int32 { signal.map(Self.exitCode) ?? 0 }

    private static func exitCode(for signal: Int32) -> Int32 { 128 + signal }

    /// The first signal and its time; written by the queue that receives signals, read by any thread.
    private final class Request: Sendable {
        private let first = Mutex<(signal: Int32, time: ContinuousClock.Instant)?>(nil)

        var signal: Int32? { first.withLock { $0?.signal } }

        /// Records a signal; returns true if the process has to end at once.
        func isForced(by signal: Int32) -> Bool {
            first.withLock { first in
                let now = ContinuousClock.now
                guard let time = first?.time else {
                    first = (signal, now)
                    return false
                }
                return signal == SIGINT && now - time >= .seconds(1)
            }
        }
    }
}

/// Makes the process ignore a signal; returns true if it was ignored already.
private func ignore(_ number: Int32) -> Bool {
    let previous = signal(number, SIG_IGN)
    return unsafeBitCast(previous, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
}
