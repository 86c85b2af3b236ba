/// The buffers of an LSTM's pass over time. Gate order i, f, g, o.
///
/// Row block `t` of ``hidden`` and ``cell`` is the state before step `t`: block 0 is the initial state, block `t + 1`
/// what step `t` writes.
package struct LSTMPass {
    /// Steps to run.
    package var steps: Range<Int>
    /// Sequences side by side, N.
    package var batchSize: Int
    /// Where the input's part of the pre-activations is read.
    package var input: Input
    /// `[1, 4H]`; nil on the way back.
    package var bias: Matrix?
    /// `[T·N, 4H]`: the gates after activation; on the way back the gradient of the pre-activations takes their place.
    package var gates: Operand
    /// `[(T+1)·N, H]`.
    package var hidden: Operand
    /// `[(T+1)·N, H]`.
    package var cell: Matrix

    /// The input's part of the pre-activations.
    package enum Input {
        /// None: the way back reads neither inputs nor the bias.
        case none
        /// `[V, 4H]`, of which row `tokens[t·N + n]` is that of step `t`, sequence `n`.
        case table(Matrix, tokens: [Int32])
        /// `[steps·N, 4H]`, a row for each sequence of each step, from step `first` on.
        case rows(Matrix, first: Int)
    }

    package init(
        steps: Range<Int>, batchSize: Int, input: Input, bias: Matrix?, gates: Operand, hidden: Operand, cell: Matrix
    ) {
        self.steps = steps
        self.batchSize = batchSize
        self.input = input
        self.bias = bias
        self.gates = gates
        self.hidden = hidden
        self.cell = cell
    }
}

/// The buffers that the backward pass adds.
package struct LSTMPassGradient {
    /// `[T·N, H]`, the gradient of the outputs; read.
    package var output: Matrix
    /// `[N, H]`: in, the gradient of the last step's hidden state; out, of the first step's.
    package var hidden: Matrix
    /// `[N, H]`: the same for the cell state.
    package var cell: Matrix

    package init(output: Matrix, hidden: Matrix, cell: Matrix) {
        self.output = output
        self.hidden = hidden
        self.cell = cell
    }
}
