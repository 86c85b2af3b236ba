import ChargenTensor

/// Gradient descent, with momentum if it is not zero, as in PyTorch: `v' = momentum · v + g`, `p' = p − rate · v'` (Sutskever,
/// Martens, Dahl and Hinton, "On the importance of initialization and momentum in deep learning", 2013). Nesterov's momentum
/// looks a step ahead: `p' = p − rate · (momentum · v' + g)`. Keras keeps `−rate · v`, which is the same as long as the
/// learning rate is; where it falls, PyTorch's velocity falls with it at once.
package struct SGD: Optimizer {
    private let momentum: Double
    private let isNesterov: Bool

    package init(momentum: Double = 0, isNesterov: Bool = false) {
        self.momentum = momentum
        self.isNesterov = isNesterov
    }

    package var slots: [OptimizerSlot] { momentum == 0 ? [] : [OptimizerSlot("velocity")] }
    package var hasWeightDecay: Bool { false }

    package func step(_ run: OptimizerRun, _ step: OptimizerStep, on backend: any Backend) {
        backend.sgdStep(
            rate: Float(step.learningRate), limit: step.limit, momentum: Float(momentum), isNesterov: isNesterov, step.sums,
            gradients: run.gradients, parameters: run.parameters, velocities: run.slots.first)
    }
}
