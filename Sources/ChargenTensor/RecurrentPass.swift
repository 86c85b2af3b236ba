/// The buffers of a recurrent layer's pass over time. What the gates are and how they lie: ``CellKind``.
///
/// Row block `t` of ``hidden`` and ``cell`` is the state before step `t`: block 0 is the initial state, block `t + 1`
/// what step `t` writes.
package struct RecurrentPass {
    package var kind: CellKind
    /// Of the new state (and of the LSTM's cell), and of the gates.
    package var activation = Activation.tanh
    package var recurrentActivation = Activation.sigmoid
    /// Steps to run.
    package var steps: Range<Int>
    /// Sequences side by side, N.
    package var batchSize: Int
    /// Where the input's part of the pre-activations is read.
    package var input: Input
    /// `[1, inputs·H]`; nil on the way back.
    package var bias: Matrix?
    /// `[1, gates·H]`, where the kind has one.
    package var recurrentBias: Matrix?
    /// `[T·N]`: a step whose number is zero leaves its sequence's state alone. Nil for none such.
    package var mask: [UInt8]?
    /// `[N, H]`, what the product takes the last state times, and `[(T+1)·N, H]`, the states times it.
    package var dropout: (factors: Matrix, states: Operand)?
    /// `[T·N, slots·H]`: the gates after activation; on the way back gradients take their place.
    package var gates: Operand
    /// `[(T+1)·N, H]`.
    package var hidden: Operand
    /// `[(T+1)·N, H]`: the LSTM's cell state, and for a GRU in bfloat16 the state before it was rounded.
    package var cell: Matrix?
    /// `[T·N, H]`: `r ∘ h`, where there is a second product.
    package var reset: Operand?
    /// The recurrent kernel, packed: gates of a unit together, or on the way back its transpose.
    package var recurrent: PackedMatrix
    /// That of the second product, likewise.
    package var candidate: PackedMatrix?

    /// The input's part of the pre-activations.
    package enum Input {
        /// None: the way back reads neither inputs nor the bias.
        case none
        /// `[V, inputs·H]`, of which row `tokens[t·N + n]` is that of step `t`, sequence `n`.
        case table(Matrix, tokens: [Int32])
        /// `[steps·N, inputs·H]`, a row for each sequence of each step, from step `first` on.
        case rows(Matrix, first: Int)
    }

    package init(
        kind: CellKind, steps: Range<Int>, batchSize: Int, input: Input, gates: Operand, hidden: Operand,
        recurrent: PackedMatrix
    ) {
        self.kind = kind
        self.steps = steps
        self.batchSize = batchSize
        self.input = input
        self.gates = gates
        self.hidden = hidden
        self.recurrent = recurrent
    }
}

/// The buffers that the backward pass adds.
package struct RecurrentPassGradient {
    /// `[T·N, H]`, the gradient of the outputs; read.
    package var output: Matrix
    /// `[N, H]`: in, the gradient of the last step's hidden state; out, of the first step's.
    package var hidden: Matrix
    /// `[N, H]`: the same for the cell state, where there is one.
    package var cell: Matrix?

    package init(output: Matrix, hidden: Matrix, cell: Matrix?) {
        self.output = output
        self.hidden = hidden
        self.cell = cell
    }
}
