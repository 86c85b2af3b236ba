import ChargenNN
import ChargenTensor

/// A rule that changes parameters by their gradients. What it keeps of each parameter it keeps in itself.
package protocol Optimizer {
    /// One step over all parameters at once. `clipping` is applied to the gradients on the way.
    mutating func step(
        parameters: ParameterBuffer, gradients: ParameterBuffer, learningRate: Double, clipping: ClippingFactors,
        on backend: any Backend)
}

/// The optimizers that there are.
public enum OptimizerKind: String, Sendable, Codable, CaseIterable {
    /// Adaptive moments: the default.
    case adam
    /// Plain gradient descent.
    case sgd

    package func make(layout: ParameterLayout) -> any Optimizer {
        switch self {
        case .adam: Adam(layout: layout)
        case .sgd: SGD()
        }
    }
}
