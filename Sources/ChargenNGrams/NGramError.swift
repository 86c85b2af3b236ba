/// An error in the text or the options of an n-gram model.
public enum NGramError: Error, Equatable, CustomStringConvertible {
    /// The order of the model is not one of `allowed`.
    case orderOutOfRange(order: Int, allowed: ClosedRange<Int>)
    /// The vocabulary has `size` tokens; it needs one at least.
    case vocabularySizeOutOfRange(size: Int)
    /// The text has the token id `token` at the index `index`, but the vocabulary has only the ids of `allowed`.
    case unknownToken(token: Int32, index: Int, allowed: Range<Int>)
    /// The text to evaluate has no tokens, so it has no loss.
    case emptyText

    /// One line that says what is wrong and what to do about it.
    public var description: String {
        switch self {
        case .orderOutOfRange(let order, let allowed):
            "an n-gram model of order \(order) cannot be made; choose an order from \(allowed.lowerBound) to \(allowed.upperBound)"
        case .vocabularySizeOutOfRange(let size):
            "a vocabulary of \(size) tokens is too small for an n-gram model; it must have 1 at least"
        case .unknownToken(let token, let index, let allowed):
            "token \(token) at index \(index) is not in the vocabulary; ids must be from 0 to \(allowed.upperBound - 1)"
        case .emptyText:
            "an empty text has no loss; give at least one token to predict"
        }
    }
}
