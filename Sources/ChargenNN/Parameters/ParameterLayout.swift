/// Where each parameter of a model lies in one flat buffer.
///
/// All parameters lie in one buffer, their gradients in another of the same layout: the norm of the gradient and an
/// optimizer's step are then one pass over memory, whatever the model is made of.
package struct ParameterLayout: Sendable, Equatable {
    /// One parameter: a matrix `[rows, columns]`.
    package struct Entry: Sendable, Equatable {
        package let name: String
        package let rows: Int
        package let columns: Int
        /// Numbers before it in the buffer.
        package let offset: Int
    }

    /// The place of a parameter in ``entries``.
    package struct Index: Sendable, Equatable {
        let position: Int
    }

    package private(set) var entries: [Entry] = []
    /// Numbers in the buffer; those between parameters are padding and stay zero.
    package private(set) var bufferCount = 0

    package init() {}

    /// Numbers that are trained.
    package var parameterCount: Int { entries.reduce(0) { $0 + $1.rows * $1.columns } }

    package subscript(index: Index) -> Entry { entries[index.position] }

    /// Adds a parameter at the end, at a multiple of a cache line.
    package mutating func add(_ name: String, rows: Int, columns: Int) -> Index {
        entries.append(Entry(name: name, rows: rows, columns: columns, offset: bufferCount))
        bufferCount += (rows * columns + 15) / 16 * 16
        return Index(position: entries.count - 1)
    }
}
