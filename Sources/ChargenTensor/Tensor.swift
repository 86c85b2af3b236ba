/// A multidimensional array of float32 numbers, row-major. Weights, states and logits enter and leave the library as tensors.
///
/// A tensor is a value. Computation uses separate buffers, which are filled from tensors and copied back to tensors.
public struct Tensor: Sendable, Equatable {
    /// The sizes, outermost first; `[3, 4]` is three rows of four.
    public let shape: [Int]
    /// The numbers, row-major; their count is the product of `shape`.
    public var values: [Float] {
        didSet { precondition(values.count == oldValue.count, "\(values.count) values for shape \(shape)") }
    }

    /// Creates a tensor of `shape` with `values`, row-major. Traps where their count is not the product of `shape`.
    public init(shape: [Int], values: [Float]) {
        precondition(
            shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) == values.count,
            "\(values.count) values for shape \(shape)")
        self.shape = shape
        self.values = values
    }

    /// Creates a tensor of `shape` filled with zeros.
    public init(zeros shape: [Int]) {
        self.init(shape: shape, values: [Float](repeating: 0, count: shape.reduce(1, *)))
    }

    /// The element at `row`, `column` of a tensor of two dimensions. Traps for other tensors and outside the shape.
    public subscript(row: Int, column: Int) -> Float {
        precondition(shape.count == 2, "row and column of shape \(shape)")
        precondition(0..<shape[0] ~= row && 0..<shape[1] ~= column, "[\(row), \(column)] of shape \(shape)")
        return values[row * shape[1] + column]
    }

    /// The transpose of a tensor of two dimensions. Traps for other tensors.
    public var transposed: Tensor {
        precondition(shape.count == 2, "transpose of shape \(shape)")
        let (rows, columns) = (shape[0], shape[1])
        let turned = [Float](unsafeUninitializedCapacity: values.count) { turned, count in
            values.withUnsafeBufferPointer { values in
                for column in 0..<columns {
                    for row in 0..<rows { turned[column * rows + row] = values[row * columns + column] }
                }
            }
            count = rows * columns
        }
        return Tensor(shape: [columns, rows], values: turned)
    }
}
