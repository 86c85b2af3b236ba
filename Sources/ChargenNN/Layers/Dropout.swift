import ChargenTensor

/// Drops a share of the numbers in training and scales the others up, so that the expectation stays the same; does nothing
/// in inference (Srivastava and others, "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", 2014).
public struct Dropout: Layer, BuildableLayer {
    /// The share that is dropped, 0 or more and less than 1.
    public var rate: Float

    /// A layer that drops the share `rate`.
    public init(rate: Float) { self.rate = rate }

    /// Checks the options and declares the parameters.
    /// - Throws: ``LayerError``.
    package func build(_ input: SignalShape, _ builder: inout LayerBuilder) throws -> BuiltLayer {
        try LayerError.require(rate: rate, builder.name, "rate")
        return BuiltDropout(rate: rate, output: input)
    }
}

/// A ``Dropout`` that computes.
package final class BuiltDropout: BuiltLayer {
    private let rate: Float
    private var draw: DropoutDraw?
    private let inputs = ReusedMemory(), outputs = ReusedMemory()

    init(rate: Float, output: SignalShape) {
        self.rate = rate
        super.init(output: output)
    }

    package override func forward(_ input: Signal, _ pass: PassContext) throws -> Signal {
        draw = pass.draw(rate: rate)
        guard let draw else { return input }
        let rows = try input.operand(inputs, pass)
        let result = outputs.operand(rows.rows, rows.columns, rows.precision, on: pass.backend)
        pass.backend.dropout(draw, rows, period: rows.rows, into: result)
        return input.with(.numbers(result))
    }

    package override func backward(_ gradient: SignalGradient, _ pass: PassContext) -> SignalGradient {
        guard let draw else { return gradient }
        let values = gradient.matrix(inputs, on: pass.backend)
        pass.backend.dropout(draw, Operand(values), period: values.rows, into: Operand(values))
        return gradient.with(values)
    }
}
