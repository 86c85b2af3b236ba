extension Tensor {
    /// A tensor of the given rows, which are indices of the first dimension, in the given order.
    public func rows(_ rows: [Int]) -> Tensor {
        let size = shape.dropFirst().reduce(1, *)
        return Tensor(
            shape: [rows.count] + shape.dropFirst(), values: rows.flatMap { values[$0 * size..<($0 + 1) * size] })
    }

    /// The tensor with its first two dimensions exchanged: `[N, T, …]` becomes `[T, N, …]`.
    package var swapped: Tensor {
        let (outer, inner, size) = (shape[0], shape[1], shape.dropFirst(2).reduce(1, *))
        var swapped: [Float] = []
        swapped.reserveCapacity(values.count)
        for i in 0..<inner {
            for o in 0..<outer { swapped += values[(o * inner + i) * size..<(o * inner + i + 1) * size] }
        }
        return Tensor(shape: [inner, outer] + shape.dropFirst(2), values: swapped)
    }
}
