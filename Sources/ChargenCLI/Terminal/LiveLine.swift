/// A line at the bottom of a terminal that is written over and over.
struct LiveLine {
    private let terminal: Terminal
    private let clock = ContinuousClock()
    private var last: ContinuousClock.Instant?
    private var isShown = false

    init(_ terminal: Terminal) { self.terminal = terminal }

    /// Shows `text`, but no more than ten times a second.
    mutating func show(_ text: () -> String) {
        guard terminal.isInteractive else { return }
        let now = clock.now
        if let last, now - last < .milliseconds(100) { return }
        last = now
        terminal.write("\r\u{1B}[2K" + text().prefix(terminal.width - 1))
        isShown = true
    }

    /// Takes the line away, so that other lines can be written.
    mutating func clear() {
        if isShown { terminal.write("\r\u{1B}[2K") }
        isShown = false
    }
}
