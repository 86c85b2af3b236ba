/// What is known of a signal before there is one.
package struct SignalShape: Sendable, Equatable {
    /// Numbers in a row, D; nil for token ids.
    package var width: Int?
    /// Whether there is a row for each time step, or one for each sequence.
    package var hasTime: Bool

    package init(width: Int?, hasTime: Bool) {
        self.width = width
        self.hasTime = hasTime
    }
}
