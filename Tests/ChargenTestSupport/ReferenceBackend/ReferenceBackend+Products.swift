import ChargenTensor

extension ReferenceBackend {
    package func makePacked(rows: Int, columns: Int, precision: OperandPrecision) -> PackedMatrix {
        PackedMatrix(
            rows: rows, columns: columns, precision: precision, storage: makeStorage(count: rows * columns))
    }

    package func makePackedGates(hiddenSize: Int, gates: Int, precision: OperandPrecision) -> PackedMatrix {
        makePacked(rows: hiddenSize, columns: gates * hiddenSize, precision: precision)
    }

    package func pack(_ matrix: Matrix, transposed: Bool, into packed: PackedMatrix) {
        let shape = transposed ? [matrix.columns, matrix.rows] : matrix.shape
        precondition(shape == [packed.rows, packed.columns], "\(shape) packed into \([packed.rows, packed.columns])")
        let (from, to) = (ReferenceNumbers(matrix), packed.numbers)
        for row in 0..<to.rows {
            for column in 0..<to.columns {
                let number = transposed ? from[column, row] : from[row, column]
                to[row, column] = packed.precision == .float32 ? number : Double(Float(number).roundedToBfloat16)
            }
        }
    }

    package func packGates(_ kernel: Matrix, into packed: PackedMatrix) {
        precondition(
            kernel.shape == [packed.rows, packed.columns] && kernel.columns % kernel.rows == 0,
            "recurrent kernel \(kernel.shape) packed into \([packed.rows, packed.columns])")
        pack(kernel, transposed: false, into: packed)
    }

    package func product(_ left: Operand, _ right: PackedMatrix, bias: Matrix?, into result: Matrix) {
        precondition(
            left.columns == right.rows && left.precision == right.precision
                && result.shape == [left.rows, right.columns] && (bias == nil || bias!.count == right.columns),
            "\(left.shape) · [\(right.rows), \(right.columns)] + \(bias?.shape ?? []) into \(result.shape), "
                + "\(left.precision) · \(right.precision)")
        let (from, weights, to) = (ReferenceNumbers(left), right.numbers.all, ReferenceNumbers(result))
        let bias = bias.map { ReferenceNumbers($0).all }
        for row in 0..<to.rows {
            let products = Self.product(from.row(row), weights, columns: to.columns)
            for column in 0..<to.columns { to[row, column] = products[column] + (bias?[column] ?? 0) }
        }
    }

    /// The row `left [K]` times `right [K, columns]`.
    static func product(_ left: some Collection<Double>, _ right: [Double], columns: Int) -> [Double] {
        var sums = [Double](repeating: 0, count: columns)
        for (row, factor) in left.enumerated() {
            for column in 0..<columns { sums[column] += factor * right[row * columns + column] }
        }
        return sums
    }

    /// No scratch memory is needed.
    package func makeScratch() -> any Storage { makeStorage(count: 0) }

    package func transposedProduct(_ left: Operand, _ right: Operand, scratch: any Storage, into result: Matrix) {
        precondition(
            left.rows == right.rows && left.precision == right.precision
                && result.shape == [left.columns, right.columns],
            "\(left.shape)ᵀ · \(right.shape) into \(result.shape), \(left.precision) · \(right.precision)")
        let (from, others, to) = (ReferenceNumbers(left), ReferenceNumbers(right).all, ReferenceNumbers(result))
        for row in 0..<to.rows {
            let products = Self.product((0..<from.rows).map { from[$0, row] }, others, columns: to.columns)
            for column in 0..<to.columns { to[row, column] = products[column] }
        }
    }
}
