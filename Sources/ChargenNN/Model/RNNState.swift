import ChargenTensor

/// The recurrent state of a model for N sequences, in the layout of PyTorch's `(h_n, c_n)`.
///
/// A state is a value: it goes into a pass and comes out of it, and a copy can be gone back to.
public struct RNNState: Sendable, Equatable {
    /// `[layers, N, H]`: the hidden state.
    public var hidden: Tensor { Tensor(shape: [1] + layer.hidden.shape, values: layer.hidden.values) }
    /// `[layers, N, H]`: the cell state.
    public var cell: Tensor { Tensor(shape: [1] + layer.cell.shape, values: layer.cell.values) }

    package var layer: LayerState

    package init(layer: LayerState) { self.layer = layer }

    /// The state of `hidden` and `cell`, both `[1, N, H]`. Traps where the shapes differ.
    public init(hidden: Tensor, cell: Tensor) {
        precondition(
            hidden.shape == cell.shape && hidden.shape.count == 3 && hidden.shape[0] == 1,
            "states \(hidden.shape), \(cell.shape)")
        let shape = Array(hidden.shape.dropFirst())
        layer = LayerState(
            hidden: Tensor(shape: shape, values: hidden.values), cell: Tensor(shape: shape, values: cell.values))
    }

    /// The zero state for `batchSize` sequences of a model with `hiddenSize` units.
    public init(zeros batchSize: Int, hiddenSize: Int) {
        let zeros = Tensor(zeros: [batchSize, hiddenSize])
        layer = LayerState(hidden: zeros, cell: zeros)
    }

    /// Sequences side by side, N.
    public var batchSize: Int { layer.hidden.shape[0] }
}
