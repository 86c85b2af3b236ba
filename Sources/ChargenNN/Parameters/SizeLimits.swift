/// The sizes that models and layers may have: large enough for any use, small enough that no product of them overflows.
package enum SizeLimits {
    /// Units of a recurrent layer.
    package static let units = 1...16_384
    /// Recurrent layers in a model.
    package static let layers = 1...64
    /// Numbers in the vector of an embedding.
    package static let embedding = 1...16_384
    /// Tokens that a model may know, and units of a dense layer.
    package static let vocabulary = 1...1_200_000
}

extension ClosedRange<Int> {
    /// The range in words, for messages: `1 to 64`.
    package var inWords: String { "\(lowerBound) to \(upperBound)" }
}
