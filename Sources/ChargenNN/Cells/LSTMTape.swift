import ChargenTensor

/// The buffers of an LSTM's pass.
package final class LSTMTape {
    /// `[T·N, 4H]`, activated; after the way back the gradient of the pre-activations.
    let gates: Operand
    /// `[(T+1)·N, H]`; row block 0 is the initial state.
    let hidden: Operand
    /// `[(T+1)·N, H]`.
    let cell: Matrix
    /// The recurrent kernel, gates of a unit together.
    let recurrent: PackedMatrix
    /// What inputs that are not one-hot need.
    let input: Input?
    let back: Back?

    /// The input's product.
    struct Input {
        /// The kernel `[D, 4H]`.
        let kernel: PackedMatrix
        /// `[U, 4H]` for gathered inputs; else `[chunk, 4H]`, for as many steps at once as stay in cache.
        let products: Matrix
        let back: InputBack?
    }

    /// What only the input's way back needs.
    struct InputBack {
        /// The kernel's transpose `[4H, D]`.
        let kernel: PackedMatrix
        /// `[U, 4H]`, the gradient of `products` for gathered inputs, and rounded for the products with it.
        let gradient: (sums: Matrix, rounded: Operand)?
    }

    /// What only the way back needs.
    struct Back {
        /// The recurrent kernel's transpose `[4H, H]`.
        let recurrent: PackedMatrix
        /// `[N, H]`.
        let hidden: Matrix
        /// `[N, H]`.
        let cell: Matrix
        let scratch: Storage
    }

    /// Rows of input products that are computed at once, unless a single step has more.
    static let chunkRows = 512

    init(_ size: PassSize, inputSize D: Int, hiddenSize H: Int, input kind: CellInput.Kind, on backend: any Backend) {
        let (N, rows, precision) = (size.batchSize, size.rows, size.precision)
        gates = Operand(rows: rows, columns: 4 * H, precision: precision)
        hidden = Operand(rows: rows + N, columns: H, precision: precision)
        cell = Matrix(rows: rows + N, columns: H)
        recurrent = backend.makePackedGates(hiddenSize: H, precision: precision)
        func makeInput(rows: Int, gathered: Bool) -> Input {
            Input(
                kernel: backend.makePacked(rows: D, columns: 4 * H, precision: precision),
                products: Matrix(rows: rows, columns: 4 * H),
                back: size.training
                    ? InputBack(
                        kernel: backend.makePacked(rows: 4 * H, columns: D, precision: precision),
                        gradient: gathered
                            ? (
                                Matrix(rows: rows, columns: 4 * H),
                                Operand(rows: rows, columns: 4 * H, precision: precision)
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
                recurrent: backend.makePacked(rows: 4 * H, columns: H, precision: precision),
                hidden: Matrix(rows: N, columns: H), cell: Matrix(rows: N, columns: H),
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
