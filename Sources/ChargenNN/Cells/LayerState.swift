import ChargenTensor

/// The state of one recurrent layer, for N sequences.
package struct LayerState: Sendable, Equatable {
    /// `[N, H]`.
    package var hidden: Tensor
    /// `[N, H]`.
    package var cell: Tensor

    package init(hidden: Tensor, cell: Tensor) {
        self.hidden = hidden
        self.cell = cell
    }
}
