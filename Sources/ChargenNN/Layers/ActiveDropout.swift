import ChargenTensor

/// A ``Dropout`` at work.
final class ActiveDropout: ActiveLayer {
    let output: SignalShape
    private let rate: Float
    private var draw: DropoutDraw?
    private let outputs = ReusedMatrix()

    init(rate: Float, shape: SignalShape) {
        self.rate = rate
        output = shape
    }

    func forward(_ input: Signal, _ context: PassContext) throws -> Signal {
        draw = context.draw(rate: rate)
        guard let draw else { return input }
        let values = try input.numbers(), result = outputs(values.rows, values.columns)
        context.backend.dropout(draw, Operand(values), period: values.rows, into: Operand(result))
        return input.with(result)
    }

    func backward(_ gradient: SignalGradient, _ context: PassContext) -> SignalGradient {
        guard let draw else { return gradient.with(gradient.values) }
        let values = gradient.numbers()
        context.backend.dropout(draw, Operand(values), period: values.rows, into: Operand(values))
        return gradient.with(values)
    }
}
