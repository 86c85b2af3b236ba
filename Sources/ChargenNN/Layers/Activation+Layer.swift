import ChargenTensor

/// An activation is a layer too: Keras's `Activation`.
extension Activation: Layer, BuildableLayer {
    /// Checks the options and declares the parameters.
    /// - Throws: ``LayerError``.
    package func build(_ input: SignalShape, _ builder: inout LayerBuilder) throws -> BuiltLayer {
        guard input.width != nil else { throw LayerError.needsNumbers(builder.name) }
        return BuiltActivation(self, output: input)
    }
}

/// An `Activation` that computes.
package final class BuiltActivation: BuiltLayer {
    package let activation: Activation
    private let inputs = ReusedMemory(), outputs = ReusedMemory()
    private var last: Matrix?

    init(_ activation: Activation, output: SignalShape) {
        self.activation = activation
        super.init(output: output)
    }

    package override func forward(_ input: Signal, _ pass: PassContext) throws -> Signal {
        guard !pass.skipsActivation else { return input }
        let values = try input.matrix(inputs, on: pass.backend)
        let result = outputs.matrix(values.rows, values.columns, on: pass.backend)
        pass.backend.copy(values, into: result)
        pass.backend.activate(activation, result)
        last = result
        return input.with(result)
    }

    package override func backward(_ gradient: SignalGradient, _ pass: PassContext) -> SignalGradient {
        if gradient.isBeforeActivation {
            var passed = gradient
            passed.isBeforeActivation = false
            return passed
        }
        guard let last else { preconditionFailure("there is no forward pass to backpropagate through") }
        let values = gradient.matrix(inputs, on: pass.backend)
        pass.backend.differentiate(activation, values: last, gradient: values)
        return gradient.with(values)
    }
}
