import ChargenNN
import ChargenTensor

/// Adam (Kingma and Ba, 2015, algorithm 1), with PyTorch's defaults: β₁ 0.9, β₂ 0.999, ε 1e-8.
package struct Adam: Optimizer {
    private let means: ParameterBuffer
    private let squares: ParameterBuffer
    private let beta1 = 0.9
    private let beta2 = 0.999
    private let epsilon = 1e-8
    /// β₁ and β₂ to the power of the steps taken.
    private var powers = (1.0, 1.0)

    package init(layout: ParameterLayout) {
        means = ParameterBuffer(layout: layout)
        squares = ParameterBuffer(layout: layout)
    }

    package mutating func step(
        parameters: ParameterBuffer, gradients: ParameterBuffer, learningRate: Double, clipping: ClippingFactors,
        on backend: any Backend
    ) {
        powers = (powers.0 * beta1, powers.1 * beta2)
        backend.adamStep(
            AdamStep(
                learningRate: Float(learningRate), beta1: Float(beta1), beta2: Float(beta2), epsilon: Float(epsilon),
                correction1: Float(1 - powers.0), correction2: Float((1 - powers.1).squareRoot()),
                scale: clipping.scale, limit: clipping.limit),
            gradients: gradients.flat, parameters: parameters.flat, means: means.flat, squares: squares.flat)
    }
}
