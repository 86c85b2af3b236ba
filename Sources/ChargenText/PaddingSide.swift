/// The side of a sequence where padding is added or tokens are removed.
public enum PaddingSide: String, Sendable, CaseIterable {
    /// The side before the first token.
    case pre
    /// The side after the last token.
    case post
}
