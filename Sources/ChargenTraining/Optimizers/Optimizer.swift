import ChargenNN
import ChargenTensor

/// A rule that changes parameters by their gradients.
///
/// An optimizer declares the numbers that it keeps for each parameter (its slots) by name; they are kept, written and read
/// by ``ParameterUpdate``, which calls it for trained parameters only.
package protocol Optimizer: Sendable {
    /// The names of the slots.
    var slotNames: [String] { get }
    /// Whether weight decay treats some parameters differently from others.
    var hasWeightDecay: Bool { get }

    /// Changes the parameters of one run. The gradients are clipped on the way.
    func step(_ run: OptimizerRun, _ step: OptimizerStep, on backend: any Backend)
}

/// The parameters that an optimizer changes at once, each as one row of memory.
package struct OptimizerRun {
    package let parameters, gradients: Matrix
    /// One for each of ``Optimizer/slotNames``.
    package let slots: [Matrix]
    /// Whether weight decay applies to the parameters.
    package let decays: Bool
}

/// The numbers of one optimizer step.
package struct OptimizerStep {
    /// The step's number, from 1.
    package let number: Int
    package let learningRate: Double
    /// The largest magnitude of each number of a gradient after it was scaled.
    package let limit: Float
    /// The sums of the step, which say how gradients are scaled.
    package let sums: StepSums
}

/// Adam (Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1), with PyTorch's formula and
/// defaults: β₁ 0.9, β₂ 0.999, ε 1e-8, which is added to the root of the corrected mean. With weight decay it is AdamW, which decays weights apart from the gradient (Loshchilov and Hutter,
/// "Decoupled Weight Decay Regularization", 2019, algorithm 2).
package struct Adam: Optimizer {
    private let beta1, beta2, epsilon, weightDecay: Double

    package init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double? = nil, weightDecay: Double = 0) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon ?? 1e-8
        self.weightDecay = weightDecay
    }

    package var slotNames: [String] { ["mean", "square"] }
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

/// Gradient descent, with momentum if it is not zero, as in PyTorch: `v' = momentum · v + g`, `p' = p − rate · v'` (Sutskever,
/// Martens, Dahl and Hinton, "On the importance of initialization and momentum in deep learning", 2013).
package struct SGD: Optimizer {
    private let momentum: Double

    package init(momentum: Double = 0) { self.momentum = momentum }

    package var slotNames: [String] { momentum == 0 ? [] : ["velocity"] }
    package var hasWeightDecay: Bool { false }

    package func step(_ run: OptimizerRun, _ step: OptimizerStep, on backend: any Backend) {
        backend.sgdStep(
            rate: Float(step.learningRate), limit: step.limit, momentum: Float(momentum), step.sums,
            gradients: run.gradients, parameters: run.parameters, velocities: run.slots.first)
    }
}

/// The optimizers.
public enum OptimizerKind: String, Sendable, Codable, CaseIterable {
    /// Adaptive moments: the default.
    case adam
    /// Adam with weight decay of kernels and embeddings.
    case adamw
    /// Gradient descent, with momentum if asked for.
    case sgd

    /// The numbers that belong to the optimizer; the others have no effect on it.
    package var settings: Set<PartialKeyPath<OptimizerSettings>> {
        switch self {
        case .adam: [\.beta1, \.beta2, \.epsilon]
        case .adamw: [\.beta1, \.beta2, \.epsilon, \.weightDecay]
        case .sgd: [\.momentum]
        }
    }

    /// The optimizer with its numbers.
    package func optimizer(_ settings: OptimizerSettings) -> any Optimizer {
        switch self {
        case .adam: Adam(beta1: settings.beta1, beta2: settings.beta2, epsilon: settings.epsilon)
        case .adamw:
            Adam(
                beta1: settings.beta1, beta2: settings.beta2, epsilon: settings.epsilon, weightDecay: settings.weightDecay)
        case .sgd: SGD(momentum: settings.momentum)
        }
    }
}
