import ChargenTensor

/// Memory for all parameters of a layout, or for their gradients, or for what an optimizer keeps of each.
package struct ParameterBuffer {
    package let layout: ParameterLayout
    private let storage: Storage

    /// Zeros.
    package init(layout: ParameterLayout) {
        self.layout = layout
        storage = Storage(count: layout.bufferCount)
    }

    /// Everything, padding included, as one row.
    package var flat: Matrix { Matrix(storage: storage, offset: 0, rows: 1, columns: layout.bufferCount) }

    /// One parameter, as a view `[rows, columns]`.
    package subscript(index: ParameterLayout.Index) -> Matrix {
        let entry = layout.entries[index.position]
        return Matrix(storage: storage, offset: entry.offset, rows: entry.rows, columns: entry.columns)
    }
}
