/// Writes a text to an output while it is produced: at once to a terminal, and to pipes and files in pieces, because each
/// write takes longer than producing a character.
struct GradualWriter {
    private let output: Terminal
    private let isInteractive: Bool
    private let clock = ContinuousClock()
    private var lastWrite: ContinuousClock.Instant
    private var waiting = ""

    /// The time that a text waits at most while more of it is produced.
    private static let interval = Duration.milliseconds(20)

    init(_ output: Terminal) {
        self.output = output
        isInteractive = output.isInteractive
        lastWrite = clock.now
    }

    /// Adds `text`.
    /// - Throws: what `Terminal.writeData(_:)` throws.
    mutating func write(_ text: String) throws {
        waiting += text
        if isInteractive || clock.now - lastWrite >= Self.interval { try flush() }
    }

    /// Writes what is waiting.
    /// - Throws: what `Terminal.writeData(_:)` throws.
    mutating func flush() throws {
        if !waiting.isEmpty { try output.writeData(waiting) }
        waiting = ""
        lastWrite = clock.now
    }
}
