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

    /// The state with a function applied to each of its tensors.
    package func map(_ transform: (Tensor) -> Tensor) -> LayerState {
        LayerState(hidden: transform(hidden), cell: cell.map(transform))
    }
}
