import ChargenTensor

/// Memory for all parameters of a layout, or for their gradients, or for an optimizer's slot.
package struct ParameterBuffer {
    package let layout: ParameterLayout
    private let storage: any Storage

    /// A buffer of zeros in the memory of `backend`.
    package init(layout: ParameterLayout, on backend: any Backend) {
        self.layout = layout
        storage = backend.makeStorage(count: layout.bufferCount)
    }

    /// Everything, padding included, as one row.
    package var flat: Matrix { self[0..<layout.bufferCount] }

    /// A part of the buffer, as one row.
    package subscript(range: Range<Int>) -> Matrix {
        Matrix(storage: storage, offset: range.lowerBound, rows: 1, columns: range.count)
    }

    /// One parameter, as a view `[rows, columns]`.
    package subscript(index: ParameterLayout.Index) -> Matrix {
        let entry = layout[index]
        return Matrix(storage: storage, offset: entry.offset, rows: entry.rows, columns: entry.columns)
    }
}
