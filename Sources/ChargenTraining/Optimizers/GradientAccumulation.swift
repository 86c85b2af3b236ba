import ChargenNN
import ChargenTensor

/// The gradient of the mean loss of several batches, from the gradients of their means: large batches in the memory of a
/// small one.
package struct GradientAccumulation {
    /// The gradient of the mean loss of all batches so far.
    package let gradients: ParameterBuffer
    private var count = 0

    package init(layout: ParameterLayout, on backend: any Backend) {
        gradients = ParameterBuffer(layout: layout, on: backend)
    }

    /// Forgets the batches so far.
    package mutating func reset() { count = 0 }

    /// Adds the gradient of the mean loss of `predictions` predictions.
    package mutating func add(_ gradient: ParameterBuffer, of predictions: Int, on backend: any Backend) {
        // The first batch overwrites what is left from the last step, which may not be finite.
        guard count > 0 else {
            backend.copy(gradient.flat, into: gradients.flat)
            count = predictions
            return
        }
        count += predictions
        backend.average(Float(predictions) / Float(count), gradient.flat, into: gradients.flat)
    }
}
