import ChargenTensor

/// Drops a share of the numbers in training and scales up the others, so that the expectation stays; does nothing otherwise
/// (Srivastava and others, "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", 2014).
public struct Dropout: Layer {
    /// The share that is dropped, 0 or more and less than 1.
    public var rate: Float

    /// Drops the share `rate`.
    public init(rate: Float) { self.rate = rate }

    /// How the layer is put to work.
    public var blueprint: LayerBlueprint {
        LayerBlueprint(kind: "dropout", title: "Dropout") { name, input, _ in
            try LayerError.require(rate: rate, name, "rate")
            return ActiveDropout(rate: rate, shape: input)
        }
    }
}

/// A ``Dropout`` at work.
private final class ActiveDropout: ActiveLayer {
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
