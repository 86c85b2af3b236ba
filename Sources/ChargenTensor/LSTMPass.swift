/// The buffers of an LSTM's pass over time. Gate order i, f, g, o.
///
/// Row block `t` of ``hidden`` and ``cell`` is the state before step `t`: block 0 is the initial state, block `t + 1`
/// what step `t` writes.
package struct LSTMPass {
    /// Steps to run.
    package var steps: Range<Int>
    /// Sequences side by side, N.
    package var batchSize: Int
    /// The input's part of the pre-activations: `[V, 4H]` picked from by ``tokens``, or `[T·N, 4H]`.
    package var input: Matrix
    /// `[T·N]` rows of ``input``, or nil where row `t·N + n` is that of step `t`, sequence `n`.
    package var tokens: [Int32]?
    /// `[1, 4H]`.
    package var bias: Matrix
    /// `[T·N, 4H]`, the gates after activation.
    package var gates: Matrix
    /// `[(T+1)·N, H]`.
    package var hidden: Matrix
    /// `[(T+1)·N, H]`.
    package var cell: Matrix

    package init(
        steps: Range<Int>, batchSize: Int, input: Matrix, tokens: [Int32]?, bias: Matrix, gates: Matrix,
        hidden: Matrix, cell: Matrix
    ) {
        self.steps = steps
        self.batchSize = batchSize
        self.input = input
        self.tokens = tokens
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
    /// `[T·N, 4H]`, the gradient of the pre-activations; written.
    package var gates: Matrix
    /// `[N, H]`: in, the gradient of the last step's hidden state; out, of the first step's.
    package var hidden: Matrix
    /// `[N, H]`: the same for the cell state.
    package var cell: Matrix

    package init(output: Matrix, gates: Matrix, hidden: Matrix, cell: Matrix) {
        self.output = output
        self.gates = gates
        self.hidden = hidden
        self.cell = cell
    }
}
