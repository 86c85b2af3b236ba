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

    /// The largest magnitude as the optimizers' operations take it.
    package var limit: Float { value.map { Float($0) } ?? .infinity }
}
