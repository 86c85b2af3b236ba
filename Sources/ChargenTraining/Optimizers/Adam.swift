import ChargenTensor

/// Adam (Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1), with PyTorch's formula and defaults:
/// β₁ 0.9, β₂ 0.999, ε 1e-8, which is added to the root of the corrected mean. With weight decay it is AdamW, which decays
/// weights apart from the gradient (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm 2).
package struct Adam: Optimizer {
    private let beta1, beta2, epsilon, weightDecay: Double

    package init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double? = nil, weightDecay: Double = 0) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon ?? 1e-8
        self.weightDecay = weightDecay
    }

    package var slots: [OptimizerSlot] { [OptimizerSlot("mean"), OptimizerSlot("square")] }
    package var hasWeightDecay: Bool { weightDecay != 0 }

    package func step(_ run: OptimizerRun, _ step: OptimizerStep, on backend: any Backend) {
        let t = Double(step.number)
        backend.adamStep(
            AdamStep(
                learningRate: Float(step.learningRate), beta1: Float(beta1), beta2: Float(beta2), epsilon: Float(epsilon),
                correction1: Float(1 - power(beta1, t)), correction2: Float((1 - power(beta2, t)).squareRoot()),
                limit: step.limit, decay: run.decays ? Float(step.learningRate * weightDecay) : 0),
            step.sums, gradients: run.gradients, parameters: run.parameters, means: run.slots[0], squares: run.slots[1])
    }
}

/// Adam with Nesterov's momentum (Dozat, "Incorporating Nesterov Momentum into Adam", 2016), with Keras's formula and defaults:
/// β₁ 0.9, β₂ 0.999, ε 1e-7. Its decay rate of the mean rises from β₁ · 0.52 in the first step to β₁.
package struct Nadam: Optimizer {
    private let beta1, beta2, epsilon: Double

    package init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double? = nil) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon ?? 1e-7
    }

    package var slots: [OptimizerSlot] { [OptimizerSlot("mean"), OptimizerSlot("square")] }
    package var hasWeightDecay: Bool { false }

    package func step(_ run: OptimizerRun, _ step: OptimizerStep, on backend: any Backend) {
        let (now, product) = decayRates(step.number), next = rate(step.number + 1)
        var adaptive = AdaptiveStep(
            learningRate: Float(step.learningRate), limit: step.limit, squareDecay: Float(beta2), squareGain: Float(1 - beta2))
        adaptive.meanDecay = Float(beta1)
        adaptive.gradientWeight = Float((1 - now) / (1 - product))
        adaptive.meanWeight = Float(next / (1 - product * next))
        adaptive.rootFactor = Float(1 / (1 - power(beta2, Double(step.number))).squareRoot())
        adaptive.epsilon = Float(epsilon)
        backend.adaptiveStep(
            adaptive, step.sums, gradients: run.gradients, parameters: run.parameters, means: run.slots[0],
            squares: run.slots[1], velocities: nil)
    }

    /// The decay rate of step `number`.
    private func rate(_ number: Int) -> Double { beta1 * (1 - 0.5 * power(0.96, Double(number))) }

    /// The decay rate of step `number`, and the product of all until then. Where the product does not change 1 − product any
    /// more, it counts as 0.
    private func decayRates(_ number: Int) -> (now: Double, product: Double) {
        var product = 1.0, decay = 1.0
        for _ in 0..<number {
            decay *= 0.96
            product *= beta1 * (1 - 0.5 * decay)
            if product < 1e-17 { return (rate(number), 0) }
        }
        return (rate(number), product)
    }
}
