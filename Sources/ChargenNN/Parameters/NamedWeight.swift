import ChargenTensor

/// A weight under the name and in the layout of another library, and how it is read from and written to a buffer of
/// parameters. Gradients are read in the same way.
package struct NamedWeight {
    package let name: String
    package let shape: [Int]
    /// The weight's numbers in a buffer of parameters, or of gradients.
    package let read: (ParameterBuffer) -> [Float]
    /// Writes the weight's numbers into a buffer of parameters.
    package let write: ([Float], ParameterBuffer) -> Void

    package init(
        name: String, shape: [Int], read: @escaping (ParameterBuffer) -> [Float],
        write: @escaping ([Float], ParameterBuffer) -> Void
    ) {
        self.name = name
        self.shape = shape
        self.read = read
        self.write = write
    }

    /// A parameter in the layout that it has in the buffer.
    package init(_ name: String, _ index: ParameterLayout.Index, shape: [Int]) {
        self.init(name: name, shape: shape, read: { $0[index].values }, write: { $1[index].assign($0) })
    }

    /// A parameter `[rows, columns]` whose columns are `order.count` blocks of gates: block `i` of the weight is block
    /// `order[i]` of the parameter. The weight is `[columns, rows]` where `transposed` is true, as PyTorch keeps it, or
    /// `[columns]` where `isBias` is true.
    package init(
        _ name: String, _ index: ParameterLayout.Index, _ entry: ParameterLayout.Entry, order: [Int],
        transposed: Bool = false, isBias: Bool = false
    ) {
        let (rows, columns) = (entry.rows, entry.columns)
        let inverse = order.indices.map { order.firstIndex(of: $0)! }
        self.init(
            name: name, shape: isBias ? [columns] : transposed ? [columns, rows] : [rows, columns],
            read: {
                let blocks = Self.reordered($0[index].tensor().transposed, order)
                return (transposed ? blocks : blocks.transposed).values
            },
            write: { values, buffer in
                let given = Tensor(shape: transposed ? [columns, rows] : [rows, columns], values: values)
                buffer[index].assign(Self.reordered(transposed ? given : given.transposed, inverse).transposed.values)
            })
    }

    /// The weight under the name that it has inside another layer.
    package func prefixed(_ prefix: String) -> NamedWeight {
        NamedWeight(name: prefix + name, shape: shape, read: read, write: write)
    }

    /// The weight's numbers as a tensor.
    package func tensor(_ buffer: ParameterBuffer) -> Tensor { Tensor(shape: shape, values: read(buffer)) }

    /// The tensor's `order.count` blocks of rows in another order.
    private static func reordered(_ tensor: Tensor, _ order: [Int]) -> Tensor {
        guard order != Array(order.indices) else { return tensor }
        let size = tensor.values.count / order.count
        return Tensor(shape: tensor.shape, values: order.flatMap { tensor.values[$0 * size..<($0 + 1) * size] })
    }
}

extension [NamedWeight] {
    /// Checks that `tensors` are the weights, by name, and gives their numbers in the order of the weights.
    /// - Throws: ``ModelError`` where a tensor is missing, is none of the model's, has another shape than its weight, or
    ///   holds a number that is not finite.
    package func matching(_ tensors: [String: Tensor]) throws -> [Tensor] {
        let names = Set(map(\.name))
        for name in tensors.keys.sorted() where !names.contains(name) { throw ModelError.unexpectedTensor(name: name) }
        return try map { weight in
            guard let tensor = tensors[weight.name] else { throw ModelError.missingTensor(name: weight.name) }
            guard tensor.shape == weight.shape else {
                throw ModelError.wrongShape(name: weight.name, found: tensor.shape, expected: weight.shape)
            }
            if let bad = tensor.values.firstIndex(where: { !$0.isFinite }) {
                throw ModelError.notFinite(name: weight.name, index: bad)
            }
            return tensor
        }
    }
}
