import ChargenNN
import ChargenTensor

/// A rule that changes parameters by their gradients.
///
/// An optimizer declares the numbers that it keeps for each parameter (its slots) by name; they are kept, written and read
/// by ``ParameterUpdate``, which calls it for trained parameters only.
package protocol Optimizer: Sendable {
    /// The slots.
    var slots: [OptimizerSlot] { get }
    /// Whether weight decay treats some parameters differently from others.
    var hasWeightDecay: Bool { get }

    /// Changes the parameters of one run. The gradients are clipped on the way.
    func step(_ run: OptimizerRun, _ step: OptimizerStep, on backend: any Backend)
}

/// A number that an optimizer keeps for each parameter.
package struct OptimizerSlot: Sendable, Equatable {
    package let name: String
    /// The number before the first step.
    package let initialValue: Float

    package init(_ name: String, initialValue: Float = 0) {
        self.name = name
        self.initialValue = initialValue
    }
}

/// The parameters that an optimizer changes at once, each as one row of memory.
package struct OptimizerRun {
    package let parameters, gradients: Matrix
    /// One for each of ``Optimizer/slots``.
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
