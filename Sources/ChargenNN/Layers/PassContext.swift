import ChargenTensor

/// What all layers of a pass share.
package final class PassContext {
    package let parameters: PassParameters
    /// Memory for the parameters' gradients; nil in a pass without a backward pass.
    package let gradients: ParameterBuffer?
    /// Whether the layer that computes now leaves out its activation, because the loss contains it.
    package var skipsActivation = false
    private var random: RandomSource?

    /// - Parameter random: the source that dropouts draw from; nil for a pass in which nothing is dropped.
    package init(_ parameters: PassParameters, gradients: ParameterBuffer?, random: RandomSource?) {
        self.parameters = parameters
        self.gradients = gradients
        self.random = random
    }

    package var backend: any Backend { parameters.backend }

    /// A new draw for a dropout; nil where nothing is to be dropped.
    package func draw(rate: Float) -> DropoutDraw? {
        guard rate > 0, let seed = random?.next() else { return nil }
        return DropoutDraw(rate: rate, seed: seed)
    }

    /// The gradients' memory, in the backward pass.
    package var gradientMemory: ParameterBuffer {
        guard let gradients else { preconditionFailure("the pass was made without memory for gradients") }
        return gradients
    }
}
