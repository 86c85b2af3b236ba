import ChargenTensor

/// What all layers of a pass share.
package final class PassContext {
    package let backend: any Backend
    package let parameters: ParameterBuffer
    /// There in training.
    package let gradients: ParameterBuffer?
    /// Whether dropouts drop.
    package let training: Bool
    private var random: RandomSource

    package init(
        backend: any Backend, parameters: ParameterBuffer, gradients: ParameterBuffer?, training: Bool,
        random: RandomSource
    ) {
        self.backend = backend
        self.parameters = parameters
        self.gradients = gradients
        self.training = training
        self.random = random
    }

    /// A new draw for a dropout; nil where nothing is to be dropped.
    package func draw(rate: Float) -> DropoutDraw? {
        guard training && rate > 0 else { return nil }
        return DropoutDraw(rate: rate, seed: random.next())
    }

    /// The gradients' memory.
    package func gradientMemory() -> ParameterBuffer {
        guard let gradients else { preconditionFailure("a pass without gradients has no way back") }
        return gradients
    }
}
