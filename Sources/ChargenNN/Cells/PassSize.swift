import ChargenTensor

/// The largest pass that there is memory for, and how it computes.
package struct PassSize {
    /// Time steps, T.
    package var steps: Int
    /// Sequences side by side, N.
    package var batchSize: Int
    /// Whether there is a way back.
    package var training: Bool
    /// Of what products read.
    package var precision: OperandPrecision
    /// Whether recurrent states may be dropped out.
    package var recurrentDropout: Bool

    package init(
        steps: Int, batchSize: Int, training: Bool, precision: OperandPrecision = .float32,
        recurrentDropout: Bool = false
    ) {
        self.steps = steps
        self.batchSize = batchSize
        self.training = training
        self.precision = precision
        self.recurrentDropout = recurrentDropout
    }

    /// T·N.
    package var rows: Int { steps * batchSize }
}
