/// The buffers of one pass of a recurrent layer over its time steps. ``CellKind`` describes the gates and their layout.
///
/// Row block `t` of ``hidden`` and ``cell`` is the state before step `t`: block 0 is the initial state, and step `t`
/// writes block `t + 1`.
package struct RecurrentPass {
    package var kind: CellKind
    /// The activation of the candidate state (and of the LSTM's cell state).
    package var activation = Activation.tanh
    /// The activation of the gates.
    package var recurrentActivation = Activation.sigmoid
    /// The steps that the pass runs.
    package var steps: Range<Int>
    /// The number of sequences, N.
    package var batchSize: Int
    /// The input's part of the pre-activations.
    package var input: Input
    /// The bias `[1, inputs·H]`; nil in the backward pass.
    package var bias: Matrix?
    /// The recurrent bias `[1, gates·H]`, where the kind has one.
    package var recurrentBias: Matrix?
    /// The mask `[T·N]`: a step with mask 0 is padding and does not change its sequence's state. Nil where there is no
    /// padding.
    package var mask: Mask?
    /// The recurrent dropout: the factors `[N, H]` by which states are multiplied before the product, and the memory
    /// `[(T+1)·N, H]` of the multiplied states.
    package var dropout: (factors: Matrix, states: Operand)?
    /// The activated gates `[T·N, slots·H]`; the backward pass overwrites them with gradients.
    package var gates: Operand
    /// The hidden states `[(T+1)·N, H]`.
    package var hidden: Operand
    /// `[(T+1)·N, H]`: the cell states of an LSTM; for a GRU in bfloat16 the hidden states before rounding.
    package var cell: Matrix?
    /// The intermediate states `[T·N, H]`, where there is a second product.
    package var intermediate: Operand?
    /// The layer normalization of the gates' product, where there is one.
    package var norm: Norm?
    /// The packed recurrent kernel, with all gates of a unit together; in the backward pass its packed transpose.
    package var recurrent: PackedMatrix
    /// The packed kernel of the second product; in the backward pass its packed transpose.
    package var second: PackedMatrix?

    /// The layer normalization of the gates' product, over all gates of a row together, and its memory.
    package struct Norm {
        /// The gain `[1, gates·H]`.
        package let gain: Matrix
        /// The number that is added to the variance.
        package let epsilon: Float
        /// The normalized products before the gain, `[T·N, gates·H]`.
        package let values: Operand
        /// The inverse of each row's standard deviation, `[T·N, 1]`.
        package let deviations: Matrix
        /// The gradients of the products, `[T·N, gates·H]`, which the backward pass writes.
        package let gradients: Operand
        /// Memory of ``Backend/makeNormScratch(_:hiddenSize:batchSize:)``.
        package let scratch: any Storage

        package init(
            gain: Matrix, epsilon: Float, values: Operand, deviations: Matrix, gradients: Operand, scratch: any Storage
        ) {
            self.gain = gain
            self.epsilon = epsilon
            self.values = values
            self.deviations = deviations
            self.gradients = gradients
            self.scratch = scratch
        }
    }

    /// The source of the input's part of the pre-activations.
    package enum Input {
        /// No input: the backward pass reads neither inputs nor the bias.
        case none
        /// A table `[V, inputs·H]`: step `t` of sequence `n` reads row `tokens[t·N + n]`.
        case table(Matrix, tokens: Indices)
        /// Rows `[steps·N, inputs·H]`: one for each sequence of each step, from step `first` on.
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

extension RecurrentPass {
    /// Traps unless all buffers are as large as the steps need.
    package func check() {
        let (N, H) = (batchSize, hidden.columns)
        let rows = steps.upperBound * N
        precondition(
            steps.lowerBound >= 0 && gates.columns == kind.slots * H && gates.rows >= rows
                && hidden.rows >= rows + N && gates.precision == recurrent.precision
                && hidden.precision == recurrent.precision
                && recurrent.rows * recurrent.columns == kind.gates * H * H,
            "\(kind) of N \(N), H \(H) over steps \(steps) with gates \(gates.shape), states \(hidden.shape)")
        precondition(
            (bias?.count ?? kind.inputs * H) == kind.inputs * H
                && (recurrentBias?.count ?? kind.gates * H) == kind.gates * H
                && (cell?.columns ?? H) == H && (cell?.rows ?? rows + N) >= rows + N
                && (cell != nil || !kind.hasCellState) && (intermediate?.columns ?? H) == H
                && (intermediate?.rows ?? rows) >= rows && (intermediate != nil) == (kind.secondProduct != nil)
                && (second != nil) == (kind.secondProduct != nil) && (mask?.count ?? rows) >= rows,
            "\(kind) of N \(N), H \(H) over steps \(steps) with bias \(bias?.shape ?? []), "
                + "cell \(cell?.shape ?? []), intermediate states \(intermediate?.shape ?? []), a mask of \(mask?.count ?? 0)")
        if let norm {
            let shape = [rows, kind.gates * H]
            precondition(
                kind.canNormalize && norm.gain.count == kind.gates * H && norm.deviations.count >= rows
                    && [norm.values, norm.gradients].allSatisfy {
                        $0.rows >= rows && $0.columns == kind.gates * H && $0.precision == hidden.precision
                    },
                "\(kind) with a norm of gain \(norm.gain.shape), values \(norm.values.shape), gradients "
                    + "\(norm.gradients.shape), deviations \(norm.deviations.shape) for products \(shape)")
        }
        if let dropout {
            precondition(
                dropout.factors.shape == [N, H] && dropout.states.columns == H && dropout.states.rows >= rows + N,
                "dropout \(dropout.factors.shape) of states \(dropout.states.shape) for N \(N), H \(H)")
        }
        switch self.input {
        case .none: break
        case .rows(let input, let first):
            precondition(
                bias != nil && (recurrentBias != nil) == kind.hasRecurrentBias
                    && input.columns == kind.inputs * H && first <= steps.lowerBound
                    && input.rows >= (steps.upperBound - first) * N,
                "input \(input.shape) from step \(first) for steps \(steps)")
        case .table(let input, let tokens):
            precondition(
                bias != nil && (recurrentBias != nil) == kind.hasRecurrentBias
                    && input.columns == kind.inputs * H && tokens.count >= rows && tokens.limit <= input.rows,
                "\(tokens.count) tokens below \(tokens.limit) of \(input.shape) for \(rows) rows")
        }
    }
}

/// The gradients that the backward pass reads and writes.
package struct RecurrentPassGradient {
    /// The gradient of the outputs `[T·N, H]`; it is only read.
    package var output: Matrix
    /// `[N, H]`: on entry the gradient of the final hidden state, on return that of the initial hidden state.
    package var hidden: Matrix
    /// `[N, H]`: the same for the cell state, where the kind has one.
    package var cell: Matrix?

    package init(output: Matrix, hidden: Matrix, cell: Matrix?) {
        self.output = output
        self.hidden = hidden
        self.cell = cell
    }
}
