import CChargenKernels

extension CPUBackend {
    package func softmaxCrossEntropy(
        logits: Matrix, targets: [Int32], scale: Float, gradient: Operand?, losses: Matrix
    ) {
        precondition(
            targets.count == logits.rows && losses.count >= logits.rows
                && (gradient == nil || gradient!.shape == logits.shape),
            "loss of \(logits.shape) for \(targets.count) targets into \(losses.shape), \(gradient?.shape ?? [])")
        Self.checkTokens(targets, below: logits.columns)
        ck_softmax_cross_entropy(
            team, table, logits.rows, logits.columns, logits.pointer, targets, scale,
            gradient?.operand ?? ck_operand(precision: CK_FLOAT32, data: nil, stride: 0), losses.pointer)
    }

    package func scatter(_ rows: Operand, tokens: [Int32], into table: Matrix) {
        precondition(
            rows.columns == table.columns && tokens.count == rows.rows,
            "\(rows.shape) scattered by \(tokens.count) tokens into \(table.shape)")
        Self.checkTokens(tokens, below: table.rows)
        ck_scatter(team, self.table, rows.rows, rows.columns, rows.operand, tokens, table.rows, table.pointer)
    }

    package func columnSums(_ matrix: Operand, into sums: Matrix) {
        precondition(sums.count == matrix.columns, "column sums of \(matrix.shape) into \(sums.shape)")
        ck_column_sums(team, table, matrix.rows, matrix.columns, matrix.operand, sums.pointer)
    }
}
