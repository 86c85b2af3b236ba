import ChargenNN
import ChargenTensor

/// Gradient descent: each parameter goes against its gradient, times the learning rate.
package struct SGD: Optimizer {
    package init() {}

    package mutating func step(
        parameters: ParameterBuffer, gradients: ParameterBuffer, learningRate: Double, clipping: ClippingFactors,
        on backend: any Backend
    ) {
        backend.sgdStep(
            rate: Float(learningRate), scale: clipping.scale, limit: clipping.limit, momentum: 0,
            gradients: gradients.flat, parameters: parameters.flat, velocities: nil)
    }
}
