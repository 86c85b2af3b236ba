/// The sums of one training step, which stay in the backend's memory until the step is done: the sum of the losses, the
/// number of right predictions, the sum of the squares of the gradient, and the factor of the gradients that follows from
/// them.
///
/// The host reads them once, after the optimizer's step has been started: it waits for no number in the middle of a step.
package struct StepSums {
    package let scalars: Scalars

    package static let loss = 0, right = 1, squares = 2, scale = 3, count = 4

    /// Makes sums that are all zero.
    package init(on backend: any Backend) { scalars = backend.makeScalars(Self.count) }

    /// Copies the sums to the host.
    package func read() -> (loss: Double, right: Double, gradientNorm: Double, isSkipped: Bool) {
        let values = scalars.values
        return (
            values[Self.loss], values[Self.right], values[Self.squares].squareRoot(), values[Self.scale].isNaN
        )
    }
}

/// The rule by which a backend decides about an optimizer step.
///
/// The factor of the gradients is `norm / (‖g‖ + 1e-6)` where the global norm ‖g‖ of the gradient is larger than `norm`
/// (Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", 2013; the 1e-6 is PyTorch's), and
/// else 1. It is NaN, which means that nothing is changed, where ‖g‖ is not finite or the sum of the losses is not below
/// `lossLimit`.
package struct StepRule: Sendable, Equatable {
    /// The largest norm of the gradient; nil for no limit.
    package var norm: Double?
    /// The sum of the losses from which on the step is skipped.
    package var lossLimit: Double

    package init(norm: Double?, lossLimit: Double) {
        self.norm = norm
        self.lossLimit = lossLimit
    }

    /// The factor of the gradients.
    package func scale(loss: Double, squares: Double) -> Double {
        let length = squares.squareRoot()
        guard loss < lossLimit, length.isFinite else { return .nan }
        guard let norm, length > norm else { return 1 }
        return norm / (length + 1e-6)
    }
}

/// The constants of one Adam step.
package struct AdamStep {
    package var learningRate: Float
    package var beta1: Float
    package var beta2: Float
    package var epsilon: Float
    /// `1 − beta1^t`.
    package var correction1: Float
    /// `√(1 − beta2^t)`.
    package var correction2: Float
    /// The largest magnitude of a gradient after it was scaled (clipping by value).
    package var limit: Float
    /// Parameters are multiplied by `1 − decay` before the update: the learning rate times the weight decay (decoupled
    /// weight decay; Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019).
    package var decay: Float

    package init(
        learningRate: Float, beta1: Float, beta2: Float, epsilon: Float, correction1: Float, correction2: Float,
        limit: Float, decay: Float = 0
    ) {
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.correction1 = correction1
        self.correction2 = correction2
        self.limit = limit
        self.decay = decay
    }
}

/// The constants of one step that divides the gradient by the root of a sum or mean of its squares. With
/// `d = clamp(scale · gradient, ±limit)`:
///
///     means      = meanDecay · means + (1 − meanDecay) · d
///     squares    = squareDecay · squares + squareGain · d²
///     spread     = isCentered ? max(0, squares − means²) : squares
///     divisor    = rootFactor · √(spread + innerEpsilon) + epsilon
///     change     = learningRate · (gradientWeight · d + meanWeight · means) / divisor
///     velocities = momentum · velocities + change
///     parameters = parameters − velocities
///
/// The defaults are those of the optimizers that do without a part of this.
package struct AdaptiveStep {
    package var learningRate: Float
    /// The largest magnitude of a gradient after it was scaled (clipping by value).
    package var limit: Float
    package var squareDecay: Float
    package var squareGain: Float
    package var meanDecay: Float = 0
    package var gradientWeight: Float = 1
    package var meanWeight: Float = 0
    package var isCentered = false
    package var rootFactor: Float = 1
    package var innerEpsilon: Float = 0
    package var epsilon: Float = 0
    package var momentum: Float = 0

    package init(learningRate: Float, limit: Float, squareDecay: Float, squareGain: Float) {
        self.learningRate = learningRate
        self.limit = limit
        self.squareDecay = squareDecay
        self.squareGain = squareGain
    }
}
