/// A status line at the bottom of a terminal, each text of which replaces the one before it. Where the output is no terminal,
/// it shows nothing.
struct LiveLine {
    private let terminal: Terminal
    private let clock = ContinuousClock()
    private var last: ContinuousClock.Instant?
    private var isShown = false

    /// A line on `terminal`, which shows nothing yet.
    init(_ terminal: Terminal) { self.terminal = terminal }

    /// Shows the result of `text`, at most ten times a second; other calls do not evaluate it.
    mutating func show(_ text: () -> String) {
        guard terminal.isInteractive else { return }
        let now = clock.now
        if let last, now - last < .milliseconds(100) { return }
        last = now
        terminal.write("\r\u{1B}[2K" + text().prefix(terminal.width - 1))
        isShown = true
    }

    /// Removes the line, so that other lines can be written.
    mutating func clear() {
        if isShown { terminal.write("\r\u{1B}[2K") }
        isShown = false
    }
}
