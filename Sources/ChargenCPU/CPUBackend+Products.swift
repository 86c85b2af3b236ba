import CChargenKernels
import ChargenTensor

extension CPUBackend {
    package func makePacked(rows: Int, columns: Int, precision: OperandPrecision) -> PackedMatrix {
        PackedMatrix(
            rows: rows, columns: columns, precision: precision,
            storage: makeStorage(count: ck_packed_size(table, precision.kernels, rows, columns)))
    }

    package func makePackedGates(hiddenSize: Int, gates: Int, precision: OperandPrecision) -> PackedMatrix {
        PackedMatrix(
            rows: hiddenSize, columns: gates * hiddenSize, precision: precision,
            storage: makeStorage(
                count: ck_packed_gates_size(table, precision.kernels, hiddenSize, hiddenSize, Int32(gates))))
    }

    package func pack(_ matrix: Matrix, transposed: Bool, into packed: PackedMatrix) {
        let shape = transposed ? [matrix.columns, matrix.rows] : matrix.shape
        precondition(shape == [packed.rows, packed.columns], "\(shape) packed into \([packed.rows, packed.columns])")
        ck_pack(
            team, table, packed.precision.kernels, packed.rows, packed.columns, matrix.pointer,
            transposed ? 1 : matrix.columns, transposed ? matrix.columns : 1, packed.words)
    }

    package func packGates(_ kernel: Matrix, into packed: PackedMatrix) {
        precondition(
            kernel.shape == [packed.rows, packed.columns] && kernel.columns % kernel.rows == 0,
            "recurrent kernel \(kernel.shape) packed into \([packed.rows, packed.columns])")
        let (H, gates) = (kernel.rows, kernel.columns / kernel.rows)
        ck_pack_gates(team, table, packed.precision.kernels, H, H, Int32(gates), kernel.pointer, packed.words)
    }

    package func product(_ left: Operand, _ right: PackedMatrix, bias: Matrix?, into result: Matrix) {
        precondition(
            left.columns == right.rows && left.precision == right.precision
                && result.shape == [left.rows, right.columns] && (bias == nil || bias!.count == right.columns),
            "\(left.shape) · [\(right.rows), \(right.columns)] + \(bias?.shape ?? []) into \(result.shape), "
                + "\(left.precision) · \(right.precision)")
        ck_product(
            team, table, left.rows, right.columns, left.columns, left.operand, right.words, bias?.pointer,
            result.pointer)
    }

    package func makeScratch() -> any Storage { makeStorage(count: ck_transposed_product_scratch(team)) }

    package func transposedProduct(_ left: Operand, _ right: Operand, scratch: any Storage, into result: Matrix) {
        precondition(
            left.rows == right.rows && left.precision == right.precision
                && result.shape == [left.columns, right.columns]
                && scratch.count >= ck_transposed_product_scratch(team),
            "\(left.shape)ᵀ · \(right.shape) into \(result.shape), \(left.precision) · \(right.precision)")
        ck_transposed_product(
            team, table, left.columns, right.columns, left.rows, left.operand, right.operand, scratch.words,
            result.pointer)
    }
}
