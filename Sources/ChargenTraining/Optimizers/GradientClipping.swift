/// Limits gradients, so that one steep step cannot throw a model off (Pascanu, Mikolov and Bengio, "On the difficulty of
/// training recurrent neural networks", 2013).
package struct GradientClipping {
    /// Largest global norm θ: longer gradients are scaled down to it. Nil for none.
    package var norm: Double?
    /// Largest magnitude of each number, after that. Nil for none.
    package var value: Double?

    package init(norm: Double?, value: Double?) {
        self.norm = norm
        self.value = value
    }

    /// What to do with gradients whose global norm is `gradientNorm`. As in PyTorch, 1e-6 is added to it.
    package func factors(gradientNorm: Double) -> ClippingFactors {
        var scale = 1.0
        if let norm, gradientNorm > norm { scale = norm / (gradientNorm + 1e-6) }
        return ClippingFactors(scale: Float(scale), limit: value.map { Float($0) } ?? .infinity)
    }
}

/// Clipping as the optimizers' kernels take it: first times ``scale``, then limited to ±``limit``.
package struct ClippingFactors: Equatable {
    package var scale: Float
    package var limit: Float

    package init(scale: Float, limit: Float) {
        self.scale = scale
        self.limit = limit
    }
}
