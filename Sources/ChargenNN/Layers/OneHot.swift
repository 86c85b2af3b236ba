import ChargenTensor

/// Turns token ids into rows with a one at the token's place and zeros elsewhere, as Keras's `one_hot` does.
///
/// The rows are never stored: a recurrent layer after it selects a row of its kernel for each token. A `Dense` layer after
/// it does compute with stored rows; an ``Embedding`` is the same function at less cost.
public struct OneHot: Layer, BuildableLayer {
    /// The number of tokens, V: the width of a row.
    public var size: Int

    /// Rows for the tokens 0 up to `size`.
    public init(size: Int) { self.size = size }

    /// Checks the options and declares the parameters.
    /// - Throws: ``LayerError``.
    package func build(_ input: SignalShape, _ builder: inout LayerBuilder) throws -> BuiltLayer {
        try LayerError.require(
            SizeLimits.vocabulary ~= size, builder.name, "size", size, SizeLimits.vocabulary.inWords)
        guard input.width == nil else { throw LayerError.needsTokens(builder.name) }
        return BuiltOneHot(output: SignalShape(width: size, hasTime: true))
    }
}

/// A ``OneHot`` that computes.
final class BuiltOneHot: BuiltLayer {
    override func forward(_ input: Signal, _ pass: PassContext) throws -> Signal {
        let tokens = try input.tokens(below: output.width ?? 0)
        let width = output.width ?? 0
        return input.with(.oneHot(tokens: pass.backend.makeIndices(tokens, limit: width), width: width))
    }

    override func backward(_ gradient: SignalGradient, _ pass: PassContext) -> SignalGradient { gradient.with(nil) }
}
