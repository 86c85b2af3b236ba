/// Describes where each parameter of a model lies in one flat buffer, and how training treats it.
///
/// All parameters lie in one buffer, their gradients in another of the same layout, and so do an optimizer's slots: the
/// norm of the gradient and an optimizer's step are passes over memory, whatever the model is made of.
package struct ParameterLayout: Sendable, Equatable {
    /// One parameter: a matrix `[rows, columns]`.
    package struct Entry: Sendable, Equatable {
        package let name: String
        package let rows: Int
        package let columns: Int
        /// Numbers before it in the buffer.
        package let offset: Int
        /// Whether training changes the parameter; false for a frozen one.
        package let isTrained: Bool
        /// Whether weight decay applies to the parameter; false for biases.
        package let decays: Bool

        /// Numbers in the parameter.
        package var count: Int { rows * columns }
    }

    /// A contiguous part of the buffer whose parameters are all treated alike.
    package struct Run: Sendable, Equatable {
        package var range: Range<Int>
        package let decays: Bool
    }

    /// The place of a parameter in ``entries``.
    package struct Index: Sendable, Equatable {
        let position: Int
    }

    package private(set) var entries: [Entry] = []
    /// Numbers in the buffer; those between parameters are padding and stay zero.
    package private(set) var bufferCount = 0

    package init() {}

    /// Numbers in all parameters.
    package var parameterCount: Int { entries.reduce(0) { $0 + $1.count } }
    /// Numbers in the frozen parameters.
    package var frozenCount: Int { entries.reduce(0) { $0 + ($1.isTrained ? 0 : $1.count) } }

    /// All parameters with their places.
    package var indexed: [(index: Index, entry: Entry)] {
        entries.enumerated().map { (Index(position: $0), $1) }
    }

    package subscript(index: Index) -> Entry { entries[index.position] }

    /// Adds a parameter at the end, at a multiple of a cache line.
    package mutating func add(
        _ name: String, rows: Int, columns: Int, isTrained: Bool = true, decays: Bool = true
    ) -> Index {
        entries.append(
            Entry(name: name, rows: rows, columns: columns, offset: bufferCount, isTrained: isTrained, decays: decays))
        bufferCount += (rows * columns + 15) / 16 * 16
        return Index(position: entries.count - 1)
    }

    /// The trained parts of the buffer, padding included, as few as possible: frozen parameters end a run, and where
    /// `splitByDecay` is true, a change of ``Entry/decays`` does too.
    package func trainedRuns(splitByDecay: Bool) -> [Run] {
        let ends = entries.dropFirst().map(\.offset) + [bufferCount]
        return zip(entries, ends).reduce(into: []) { runs, pair in
            let (entry, end) = pair
            guard entry.isTrained else { return }
            let decays = splitByDecay && entry.decays
            if let last = runs.last, last.range.upperBound == entry.offset, last.decays == decays {
                runs[runs.count - 1].range = last.range.lowerBound..<end
            } else {
                runs.append(Run(range: entry.offset..<end, decays: decays))
            }
        }
    }
}
