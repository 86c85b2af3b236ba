import ChargenTensor

/// An ``Activation`` at work.
final class ActiveActivation: ActiveLayer {
    let activation: Activation
    let output: SignalShape
    private let outputs = ReusedMatrix()
    private var last: Matrix?

    init(_ activation: Activation, shape: SignalShape) {
        self.activation = activation
        output = shape
    }

    func forward(_ input: Signal, _ context: PassContext) throws -> Signal {
        let values = try input.numbers(), result = outputs(values.rows, values.columns)
        result.assign(values)
        context.backend.activate(activation, result)
        last = result
        return input.with(result)
    }

    func backward(_ gradient: SignalGradient, _ context: PassContext) -> SignalGradient {
        guard let last else { preconditionFailure("there is no pass to go back over") }
        let values = gradient.numbers()
        if !gradient.beforeActivation { context.backend.differentiate(activation, values: last, gradient: values) }
        return gradient.with(values)
    }
}
