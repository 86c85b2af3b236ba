import ChargenTensor

/// The buffers of a recurrent cell's passes, for up to `rows` rows and `batchSize` sequences.
final class TimeLoopMemory {
    /// The largest T·N and the largest N that there is memory for.
    let rows, batchSize: Int
    let precision: OperandPrecision
    /// `[T·N, slots·H]`: the activated gates; after the backward pass the gradients of the pre-activations.
    let gates: Operand
    /// `[(T+1)·N, H]`: the hidden states; row block 0 is the initial state.
    let hidden: Operand
    /// `[(T+1)·N, H]`: an LSTM's cell states, or hidden states before they were rounded.
    let cell: Matrix?
    /// `[T·N, H]`: the intermediate states, where there is a second product.
    let intermediate: Operand?
    /// What the layer normalization of the gates' product needs, where there is one.
    let norm: Norm?
    /// What dropout of the hidden state needs: factors `[N, H]` and states `[(T+1)·N, H]`.
    let dropout: (factors: Matrix, states: Operand)?
    /// `[N, H]`: the initial state before it is rounded.
    let start: Matrix
    /// Zeros in place of a bias that does not exist, `[1, inputs·H]` and `[1, gates·H]`.
    let noBias: Matrix
    let noRecurrentBias: Matrix?
    /// `[chunk, inputs·H]`, or `[U, inputs·H]` for gathered rows: the products of input rows with the kernel.
    let products = ReusedMemory()
    /// `[U, inputs·H]`: the gradient of the products of gathered rows, and the same rounded.
    let productGradient = ReusedMemory()
    /// The gradients of the hidden state and of the cell state during the backward pass, `[N, H]`.
    private(set) lazy var hiddenGradient = backend.makeMatrix(batchSize, start.columns)
    private(set) lazy var cellGradient = hasCellState ? backend.makeMatrix(batchSize, start.columns) : nil
    private let hasCellState: Bool
    private let backend: any Backend

    init(
        _ kind: CellKind, units H: Int, isNormalized: Bool, rows: Int, batchSize N: Int, precision: OperandPrecision, hasDropout: Bool,
        on backend: any Backend
    ) {
        func operand(_ rows: Int, _ columns: Int) -> Operand {
            backend.makeOperand(rows, columns, precision)
        }
        self.rows = rows
        self.backend = backend
        batchSize = N
        self.precision = precision
        hasCellState = kind.hasCellState
        gates = operand(rows, kind.slots * H)
        hidden = operand(rows + N, H)
        let keepsStates = kind.hasCellState || precision != .float32 && kind.keepsUnroundedState
        cell = keepsStates ? backend.makeMatrix(rows + N, H) : nil
        intermediate = kind.secondProduct != nil ? operand(rows, H) : nil
        norm = isNormalized ? Norm(kind, units: H, rows: rows, batchSize: N, precision, on: backend) : nil
        dropout = hasDropout ? (backend.makeMatrix(N, H), operand(rows + N, H)) : nil
        start = backend.makeMatrix(N, H)
        noBias = backend.makeMatrix(1, kind.inputs * H)
        noRecurrentBias = kind.hasRecurrentBias ? backend.makeMatrix(1, kind.gates * H) : nil
    }

    /// The memory of the layer normalization.
    struct Norm {
        /// `[T·N, gates·H]`: the normalized products, and the gradients of the products before the normalization.
        let values, gradients: Operand
        /// `[T·N, 1]`: the inverse of each row's standard deviation.
        let deviations: Matrix
        let scratch: any Storage

        fileprivate init(
            _ kind: CellKind, units H: Int, rows: Int, batchSize: Int, _ precision: OperandPrecision,
            on backend: any Backend
        ) {
            values = backend.makeOperand(rows, kind.gates * H, precision)
            gradients = backend.makeOperand(rows, kind.gates * H, precision)
            deviations = backend.makeMatrix(rows, 1)
            scratch = backend.makeNormScratch(kind, hiddenSize: H, batchSize: batchSize)
        }

        /// The memory as a pass takes it.
        func pass(gain: Matrix) -> RecurrentPass.Norm {
            RecurrentPass.Norm(
                gain: gain, epsilon: RecurrentCell.normEpsilon, values: values, deviations: deviations,
                gradients: gradients, scratch: scratch)
        }
    }

    /// Whether the memory suffices for a pass.
    func fits(_ batch: SequenceBatch, _ precision: OperandPrecision) -> Bool {
        rows >= batch.rows && batchSize >= batch.batchSize && self.precision == precision
            && (dropout != nil || batch.recurrentDropout == nil)
    }
}
