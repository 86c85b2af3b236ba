import ChargenTensor

/// The buffers of a recurrent layer's pass.
package final class RecurrentTape {
    /// `[T·N, slots·H]`, activated; after the way back the gradient of the pre-activations.
    let gates: Operand
    /// `[(T+1)·N, H]`; row block 0 is the initial state.
    let hidden: Operand
    /// `[(T+1)·N, H]`: the LSTM's cell state; a GRU's state before it was rounded.
    let cell: Matrix?
    /// `[T·N, H]`, where there is a second product.
    let reset: Operand?
    /// The recurrent kernel, gates of a unit together, and that of the second product.
    let recurrent: PackedMatrix
    let candidate: PackedMatrix?
    /// What dropout of the state needs: `[N, H]` and `[(T+1)·N, H]`.
    let dropout: (factors: Matrix, states: Operand)?
    /// `[N, H]`: the initial state on its way in.
    let start: Matrix
    /// Zeros that stand for a bias that is not there, `[1, inputs·H]` and `[1, gates·H]`.
    let noBias: Matrix
    let noRecurrentBias: Matrix?
    /// What inputs that are not one-hot need.
    let input: Input?
    let back: Back?

    /// The input's product.
    struct Input {
        /// The kernel `[D, inputs·H]`.
        let kernel: PackedMatrix
        /// `[U, inputs·H]` for gathered inputs; else `[chunk, inputs·H]`, for as many steps as stay in cache.
        let products: Matrix
        let back: InputBack?
    }

    /// What only the input's way back needs.
    struct InputBack {
        /// The kernel's transpose `[inputs·H, D]`.
        let kernel: PackedMatrix
        /// `[U, inputs·H]`, the gradient of `products` for gathered inputs, and rounded for the products with it.
        let gradient: (sums: Matrix, rounded: Operand)?
    }

    /// What only the way back needs.
    struct Back {
        /// The recurrent kernel's transpose `[gates·H, H]`, and that of the second product.
        let recurrent: PackedMatrix
        let candidate: PackedMatrix?
        /// `[N, H]`.
        let hidden: Matrix
        /// `[N, H]`, where there is a cell state.
        let cell: Matrix?
        let scratch: Storage
    }

    /// Rows of input products that are computed at once, unless a single step has more.
    static let chunkRows = 512

    init(_ size: PassSize, cell: RecurrentCell, input kind: CellInput.Kind, on backend: any Backend) {
        let (N, rows, precision) = (size.batchSize, size.rows, size.precision)
        let (D, H, cell) = (cell.inputSize, cell.hiddenSize, cell.kind)
        func packed(_ rows: Int, _ columns: Int) -> PackedMatrix {
            backend.makePacked(rows: rows, columns: columns, precision: precision)
        }
        gates = Operand(rows: rows, columns: cell.slots * H, precision: precision)
        hidden = Operand(rows: rows + N, columns: H, precision: precision)
        let keepsState = cell.hasCellState || precision != .float32 && cell != .simpleRNN
        self.cell = keepsState ? Matrix(rows: rows + N, columns: H) : nil
        reset = cell.hasCandidate ? Operand(rows: rows, columns: H, precision: precision) : nil
        recurrent = backend.makePackedGates(hiddenSize: H, gates: cell.gates, precision: precision)
        candidate =
            cell.hasCandidate ? backend.makePackedGates(hiddenSize: H, gates: 1, precision: precision) : nil
        dropout =
            size.recurrentDropout
            ? (Matrix(rows: N, columns: H), Operand(rows: rows + N, columns: H, precision: precision)) : nil
        start = Matrix(rows: N, columns: H)
        noBias = Matrix(rows: 1, columns: cell.inputs * H)
        noRecurrentBias = cell.hasRecurrentBias ? Matrix(rows: 1, columns: cell.gates * H) : nil
        func makeInput(rows: Int, gathered: Bool) -> Input {
            let width = cell.inputs * H
            return Input(
                kernel: packed(D, width), products: Matrix(rows: rows, columns: width),
                back: size.training
                    ? InputBack(
                        kernel: packed(width, D),
                        gradient: gathered
                            ? (
                                Matrix(rows: rows, columns: width),
                                Operand(rows: rows, columns: width, precision: precision)
                            ) : nil)
                    : nil)
        }
        switch kind {
        case .oneHot: input = nil
        case .gathered(let maximum): input = makeInput(rows: maximum, gathered: true)
        case .sequence: input = makeInput(rows: min(rows, max(N, Self.chunkRows / N * N)), gathered: false)
        }
        back = size.training
            ? Back(
                recurrent: packed(cell.gates * H, H), candidate: cell.hasCandidate ? packed(H, H) : nil,
                hidden: Matrix(rows: N, columns: H), cell: cell.hasCellState ? Matrix(rows: N, columns: H) : nil,
                scratch: backend.makeScratch())
            : nil
    }

    var backward: Back {
        guard let back else { preconditionFailure("a tape for inference has no way back") }
        return back
    }

    /// The memory for inputs that are not one-hot.
    var gathering: Input {
        guard let input else { preconditionFailure("a tape for one-hot inputs was given others") }
        return input
    }
}
