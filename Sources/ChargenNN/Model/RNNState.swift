import ChargenTensor

/// The recurrent state of a model for N sequences, in the layout of PyTorch's `(h_n, c_n)`.
///
/// A state is a value: it goes into a pass and comes out of it, and a copy can be used again later.
public struct RNNState: Sendable, Equatable {
    /// `[layers, N, H]`: the hidden state.
    public var hidden: Tensor { stacked(layers.map(\.hidden)) }
    /// `[layers, N, H]`: the cell state of LSTM layers; nil for others.
    public var cell: Tensor? {
        let cells = layers.compactMap(\.cell)
        return cells.isEmpty ? nil : stacked(cells)
    }

    /// Layer by layer, from the bottom up.
    package var layers: [LayerState]

    package init(layers: [LayerState]) { self.layers = layers }

    /// The state of `hidden` and, for LSTM layers, `cell`, both `[layers, N, H]`. Traps where the shapes differ.
    public init(hidden: Tensor, cell: Tensor? = nil) {
        precondition(
            (cell?.shape ?? hidden.shape) == hidden.shape && hidden.shape.count == 3 && hidden.shape[0] > 0,
            "states \(hidden.shape), \(cell?.shape ?? [])")
        let shape = Array(hidden.shape.dropFirst()), count = shape.reduce(1, *)
        func layer(_ tensor: Tensor, _ index: Int) -> Tensor {
            Tensor(shape: shape, values: Array(tensor.values[index * count..<(index + 1) * count]))
        }
        layers = (0..<hidden.shape[0]).map { index in
            LayerState(hidden: layer(hidden, index), cell: cell.map { layer($0, index) })
        }
    }

    /// The zero state for `batchSize` sequences of a model.
    package init(zeros batchSize: Int, configuration: RNNConfiguration) {
        layers = [LayerState](
            repeating: LayerState(
                zeros: batchSize, units: configuration.hiddenSize, kind: configuration.cell.layer(units: 1).options.kind),
            count: configuration.layers)
    }

    /// Number of sequences side by side, N.
    public var batchSize: Int { layers[0].hidden.shape[0] }

    private func stacked(_ tensors: [Tensor]) -> Tensor {
        Tensor(shape: [layers.count] + layers[0].hidden.shape, values: tensors.flatMap(\.values))
    }
}
