/// The end of a sequence at which it is padded or cut.
public enum PaddingSide: String, Sendable, CaseIterable {
    /// The start.
    case pre
    /// The end.
    case post
}
