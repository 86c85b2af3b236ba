/// Batches of examples whose sequences may differ in length, made so that little padding is read.
package enum LengthBatches {
    /// Cuts `order` into batches. Where lengths differ, examples of the same length class are batched together, after sorting
    /// pools of them by length.
    package static func cut(_ order: [Int], lengths: [Int]?, pool: Int, size: Int) -> [[Int]] {
        func pieces(_ values: [Int], _ size: Int) -> [[Int]] {
            stride(from: 0, to: values.count, by: size).map { Array(values[$0..<min($0 + size, values.count)]) }
        }
        guard let lengths else { return pieces(order, size) }
        let classes = Dictionary(grouping: order) { lengthClass(lengths[$0]) }
        return classes.sorted { $0.key < $1.key }.flatMap { pieces($0.value, pool) }.flatMap { pool in
            pieces(pool.enumerated().sorted { (lengths[$0.element], $0.offset) < (lengths[$1.element], $1.offset) }
                .map(\.element), size)
        }
    }

    /// The least of 16, 64, 256 and so on that is not below `length`: in a batch of one class, padding is at most three
    /// quarters of the steps, however long the longest of all sequences is.
    private static func lengthClass(_ length: Int) -> Int {
        sequence(first: 16) { $0 * 4 }.first { $0 >= length } ?? .max
    }
}

extension LayerInput {
    /// The length of each sequence of token ids, where lengths differ; nil where they do not, and for numbers.
    package var differingLengths: [Int]? {
        guard case .tokens(let rows) = self else { return nil }
        let lengths = rows.map(\.count)
        return Set(lengths).count > 1 ? lengths : nil
    }
}
