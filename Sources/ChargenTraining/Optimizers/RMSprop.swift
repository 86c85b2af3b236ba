import ChargenTensor

/// RMSprop (Tieleman and Hinton, "Lecture 6.5", 2012), with Keras's formula and defaults: the gradient is divided by the root of
/// a running mean of its squares, ρ 0.9, plus ε 1e-7 below the root. If it is centered, by the root of a running variance
/// (Graves, "Generating Sequences With Recurrent Neural Networks", 2013, eq. 38 to 45). With momentum,
/// `v' = momentum · v + change` and `p' = p − v'`.
package struct RMSprop: Optimizer {
    private let rho, momentum, epsilon: Double
    private let isCentered: Bool

    package init(rho: Double = 0.9, momentum: Double = 0, epsilon: Double? = nil, isCentered: Bool = false) {
        self.rho = rho
        self.momentum = momentum
        self.epsilon = epsilon ?? 1e-7
        self.isCentered = isCentered
    }

    package var slots: [OptimizerSlot] {
        [OptimizerSlot("square")] + (momentum == 0 ? [] : [OptimizerSlot("velocity")])
            + (isCentered ? [OptimizerSlot("mean")] : [])
    }
    package var hasWeightDecay: Bool { false }

    package func step(_ run: OptimizerRun, _ step: OptimizerStep, on backend: any Backend) {
        var adaptive = AdaptiveStep(
            learningRate: Float(step.learningRate), limit: step.limit, squareDecay: Float(rho), squareGain: Float(1 - rho))
        adaptive.meanDecay = Float(rho)
        adaptive.isCentered = isCentered
        adaptive.innerEpsilon = Float(epsilon)
        adaptive.momentum = Float(momentum)
        backend.adaptiveStep(
            adaptive, step.sums, gradients: run.gradients, parameters: run.parameters,
            means: isCentered ? run.slots.last : nil, squares: run.slots[0],
            velocities: momentum == 0 ? nil : run.slots[1])
    }
}

/// Adagrad (Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization", 2011), with
/// Keras's formula and defaults: the gradient is divided by the root of the sum of all its squares so far, which starts at 0.1,
/// plus ε 1e-7 below the root.
package struct Adagrad: Optimizer {
    private let initialAccumulator, epsilon: Double

    package init(initialAccumulator: Double = 0.1, epsilon: Double? = nil) {
        self.initialAccumulator = initialAccumulator
        self.epsilon = epsilon ?? 1e-7
    }

    package var slots: [OptimizerSlot] { [OptimizerSlot("square", initialValue: Float(initialAccumulator))] }
    package var hasWeightDecay: Bool { false }

    package func step(_ run: OptimizerRun, _ step: OptimizerStep, on backend: any Backend) {
        var adaptive = AdaptiveStep(
            learningRate: Float(step.learningRate), limit: step.limit, squareDecay: 1, squareGain: 1)
        adaptive.innerEpsilon = Float(epsilon)
        backend.adaptiveStep(
            adaptive, step.sums, gradients: run.gradients, parameters: run.parameters, means: nil, squares: run.slots[0],
            velocities: nil)
    }
}
