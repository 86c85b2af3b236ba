import ChargenTensor

/// The state of one recurrent layer for N sequences: a value that goes into a pass and comes out of it.
public struct LayerState: Sendable, Equatable {
    /// The hidden state, `[N, H]`.
    public var hidden: Tensor
    /// The cell state of an LSTM, `[N, H]`; nil for cells that have none.
    public var cell: Tensor?

    /// A state of `hidden [N, H]` and, for an LSTM, `cell [N, H]`.
    public init(hidden: Tensor, cell: Tensor? = nil) {
        self.hidden = hidden
        self.cell = cell
    }

    /// The zero state of `batchSize` sequences.
    package init(zeros batchSize: Int, units: Int, kind: CellKind) {
        let zeros = Tensor(zeros: [batchSize, units])
        self.init(hidden: zeros, cell: kind.hasCellState ? zeros : nil)
    }

    /// The hidden state, then the cell state where there is one: Keras's order.
    public var tensors: [Tensor] { [hidden] + (cell.map { [$0] } ?? []) }
}

/// The state of one recurrent layer for N sequences in the memory of a backend, where it stays from batch to batch.
package struct BatchState {
    /// The hidden state, `[N, H]`.
    package let hidden: Matrix
    /// The cell state of an LSTM, `[N, H]`; nil for cells that have none.
    package let cell: Matrix?

    package init(hidden: Matrix, cell: Matrix?) {
        self.hidden = hidden
        self.cell = cell
    }

    /// A copy of `state` in the memory of `backend`.
    package init(_ state: LayerState, on backend: any Backend) {
        func copy(_ tensor: Tensor) -> Matrix { backend.makeMatrix(tensor.shape[0], tensor.shape[1], tensor.values) }
        self.init(hidden: copy(state.hidden), cell: state.cell.map(copy))
    }

    /// A copy of the state for the host.
    package var layerState: LayerState { LayerState(hidden: hidden.tensor(), cell: cell?.tensor()) }

    /// The hidden state, then the cell state where there is one.
    package var matrices: [Matrix] { [hidden] + (cell.map { [$0] } ?? []) }

    /// The state of the sequences of `range`, in the same memory.
    package subscript(range: Range<Int>) -> BatchState { BatchState(hidden: hidden[range], cell: cell?[range]) }
}
