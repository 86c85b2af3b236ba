extension Backend {
    /// Makes a matrix `[rows, columns]` of zeros.
    package func makeMatrix(_ rows: Int, _ columns: Int) -> Matrix {
        Matrix(storage: makeStorage(count: rows * columns), offset: 0, rows: rows, columns: columns)
    }

    /// Makes a matrix of the numbers of `values`, row-major.
    package func makeMatrix(_ rows: Int, _ columns: Int, _ values: [Float]) -> Matrix {
        let matrix = makeMatrix(rows, columns)
        matrix.assign(values)
        return matrix
    }

    /// Makes an operand `[rows, columns]` of zeros.
    package func makeOperand(_ rows: Int, _ columns: Int, _ precision: OperandPrecision) -> Operand {
        let words = rows * precision.stride(columns: columns) / precision.numbersPerWord
        return Operand(storage: makeStorage(count: words), rows: rows, columns: columns, precision: precision)
    }

    /// Sends a list of integers to the backend. Traps unless each is in `0..<limit`.
    package func makeIndices(_ values: [Int32], limit: Int) -> Indices {
        for value in values where value < 0 || Int(value) >= limit {
            preconditionFailure("index \(value) is not in 0..<\(limit)")
        }
        let storage = makeStorage(count: values.count)
        storage.upload(values)
        return Indices(storage: storage, count: values.count, limit: limit)
    }

    /// Sends a mask to the backend.
    package func makeMask(_ values: [UInt8]) -> Mask {
        let storage = makeStorage(count: (values.count + 3) / 4)
        storage.upload(values)
        return Mask(storage: storage, count: values.count)
    }

    /// Makes `count` scalars, all zero.
    package func makeScalars(_ count: Int) -> Scalars { Scalars(storage: makeStorage(count: 2 * count), count: count) }

    /// Makes a matrix with the numbers of `source`.
    package func makeCopy(of source: Operand) -> Matrix {
        let matrix = makeMatrix(source.rows, source.columns)
        copy(source, into: Operand(matrix))
        return matrix
    }

    /// Copies the numbers of `source` to `result`, of the same shape.
    package func copy(_ source: Matrix, into result: Matrix) { copy(Operand(source), into: Operand(result)) }

    /// Overwrites all numbers with `value`.
    package func fill(_ matrix: Matrix, with value: Float) { fill(Operand(matrix), with: value) }

    /// Computes `y += x` of two matrices of one shape.
    package func add(_ x: Matrix, to y: Matrix) { addScaled(1, x, to: y) }

    /// Computes `y *= ½`, which is exact.
    package func halve(_ y: Matrix) { addScaled(-0.5, y, to: y) }
}
