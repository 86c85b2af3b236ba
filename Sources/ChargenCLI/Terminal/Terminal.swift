import Chargen

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One of the program's two outputs.
struct Terminal: Sendable {
    private let descriptor: Int32

    /// Data goes here.
    static let standardOutput = Terminal(descriptor: 1)
    /// Everything that is said beside the data goes here.
    static let standardError = Terminal(descriptor: 2)

    /// Whether a person looks at it.
    var isInteractive: Bool { isatty(descriptor) == 1 }

    /// Whether colours are welcome: on a terminal that knows them, unless the user said no (https://no-color.org).
    var hasColours: Bool {
        guard isInteractive, getenv("NO_COLOR") == nil else { return false }
        return getenv("TERM").map { String(cString: $0) != "dumb" } ?? false
    }

    /// Columns of the terminal.
    var width: Int {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Says `text` at once, without a buffer. Where nobody can hear it, that is no error.
    func write(_ text: String) { _ = System.write(text.utf8, to: descriptor) }

    /// Writes data at once, so that a pipe sees it when it is there.
    /// - Throws: ``FileError`` where it cannot be written.
    func writeData(_ text: String) throws {
        guard System.write(text.utf8, to: descriptor) else {
            throw FileError.appendFailed(path: "standard output", reason: System.reason)
        }
    }

    /// Makes sure that the standard descriptors are open, so that no file that is opened later takes the place of one.
    /// What is written to one that was closed then fails, as it should.
    static func holdStandardDescriptors() {
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
        }
    }

    /// `text` in faint letters where colours are welcome.
    func faint(_ text: String) -> String { hasColours ? "\u{1B}[2m\(text)\u{1B}[0m" : text }

    /// `text` in bold letters where colours are welcome.
    func bold(_ text: String) -> String { hasColours ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
}
