/// An error in the options for sampling, or in its course.
public enum SamplingError: Error, Equatable, CustomStringConvertible {
    /// The value of `option` is outside the range `allowed`.
    case outOfRange(option: String, value: String, allowed: String)
    /// A stream has read no token yet, so that nothing predicts its next one.
    case nothingRead
    /// The logits of a stream are not finite numbers after `tokensRead` tokens: the weights of the model are damaged, or it
    /// was trained at too high a learning rate.
    case notFinite(tokensRead: Int)
    /// The filters have struck out all tokens at position `position` of a stream.
    case noTokenLeft(position: Int)
    /// A state belongs to another model than the one that is to continue from it.
    case otherModel(state: String, model: String)
    /// A stream of a decoder has left, belongs to another decoder, or was named twice.
    case unknownSlot

    /// The problem, in one line.
    public var description: String {
        switch self {
        case .outOfRange(let option, let value, let allowed):
            "\(option) \(value) is out of range; use \(allowed)"
        case .nothingRead:
            "the stream has read no token, so nothing predicts the next one; read at least one token first"
        case .notFinite(let count):
            "the predictions after \(count) tokens are not finite numbers: the weights of the model are damaged or diverged"
        case .noTokenLeft(let position):
            "the filters leave no token to draw at position \(position)"
        case .otherModel(let state, let model):
            "the state is one of \(state), not of \(model)"
        case .unknownSlot:
            "the stream is not one of the decoder, or it is named twice"
        }
    }
}
