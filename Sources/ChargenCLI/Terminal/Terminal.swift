import ArgumentParser
import Chargen

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One of the program's two outputs, standard output or standard error.
struct Terminal: Sendable {
    private let descriptor: Int32

    /// The output for results.
    static let standardOutput = Terminal(descriptor: 1)
    /// The output for messages, progress and errors.
    static let standardError = Terminal(descriptor: 2)

    /// True if the output is a terminal, so that a person reads it.
    var isInteractive: Bool { isatty(descriptor) == 1 }

    /// True if the output is a terminal that supports colours and the user has not disabled them (https://no-color.org).
    var hasColours: Bool {
        guard isInteractive, getenv("NO_COLOR") == nil else { return false }
        return getenv("TERM").map { String(cString: $0) != "dumb" } ?? false
    }

    /// The width of the terminal in columns; 80 if it is unknown.
    var width: Int {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Writes a message immediately, without a buffer. A failure is ignored.
    func write(_ text: String) { _ = System.write(text.utf8, to: descriptor) }

    /// Writes a part of the result immediately, without a buffer.
    /// - Throws: `FileError.appendFailed` if it cannot be written; `ExitCode` if nobody reads the output any more, which ends
    ///   the program quietly, as the signal does where it is not ignored.
    func writeData(_ text: String) throws {
        guard System.write(text.utf8, to: descriptor) else {
            if errno == EPIPE { throw ExitCode(128 + SIGPIPE) }
            throw FileError.appendFailed(path: "standard output", reason: System.reason)
        }
    }

    /// Opens the standard descriptors that are closed, so that no file opened later gets one of their numbers. Writing to such
    /// an output, or reading such an input, still fails.
    static func holdStandardDescriptors() {
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
        }
    }

    /// The text in faint letters if ``hasColours`` is true, else unchanged.
    func faint(_ text: String) -> String { hasColours ? "\u{1B}[2m\(text)\u{1B}[0m" : text }

    /// The text in bold letters if ``hasColours`` is true, else unchanged.
    func bold(_ text: String) -> String { hasColours ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
}
