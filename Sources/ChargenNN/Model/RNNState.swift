import ChargenTensor

/// The recurrent state of a model for N sequences, in the layout of PyTorch's `(h_n, c_n)`.
///
/// A state is a value: it goes into a pass and comes out of it, and a copy can be gone back to.
public struct RNNState: Sendable, Equatable {
    /// `[layers, N, H]`: the hidden state.
    public var hidden: Tensor { stacked(\.hidden) }
    /// `[layers, N, H]`: the cell state.
    public var cell: Tensor { stacked(\.cell) }

    /// Layer by layer, from the bottom up.
    package var layers: [LayerState]

    package init(layers: [LayerState]) { self.layers = layers }

    /// The state of `hidden` and `cell`, both `[layers, N, H]`. Traps where the shapes differ.
    public init(hidden: Tensor, cell: Tensor) {
        precondition(
            hidden.shape == cell.shape && hidden.shape.count == 3 && hidden.shape[0] > 0,
            "states \(hidden.shape), \(cell.shape)")
        let shape = Array(hidden.shape.dropFirst()), count = shape.reduce(1, *)
        func layer(_ tensor: Tensor, _ index: Int) -> Tensor {
            Tensor(shape: shape, values: Array(tensor.values[index * count..<(index + 1) * count]))
        }
        layers = (0..<hidden.shape[0]).map { LayerState(hidden: layer(hidden, $0), cell: layer(cell, $0)) }
    }

    /// The zero state for `batchSize` sequences of a model with `layers` layers of `hiddenSize` units.
    public init(zeros batchSize: Int, hiddenSize: Int, layers: Int = 1) {
        let zeros = Tensor(zeros: [batchSize, hiddenSize])
        self.layers = [LayerState](repeating: LayerState(hidden: zeros, cell: zeros), count: layers)
    }

    /// Sequences side by side, N.
    public var batchSize: Int { layers[0].hidden.shape[0] }

    private func stacked(_ part: KeyPath<LayerState, Tensor>) -> Tensor {
        Tensor(
            shape: [layers.count] + layers[0].hidden.shape, values: layers.flatMap { $0[keyPath: part].values })
    }
}
