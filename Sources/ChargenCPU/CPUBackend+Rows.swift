import CChargenKernels
import ChargenTensor

extension CPUBackend {
    package func loss(
        _ function: LossFunction, outputs: Matrix, targets: LossTargets, weights: Matrix?, scale: Float,
        gradient: Operand?, losses: Matrix, hits: Matrix?
    ) {
        precondition(
            outputs.columns > 0 && losses.count >= outputs.rows && (hits == nil || hits!.count >= outputs.rows)
                && (gradient == nil || gradient!.shape == outputs.shape)
                && (weights == nil || weights!.count == outputs.rows),
            "loss of \(outputs.shape) with \(weights?.count ?? outputs.rows) weights into \(losses.shape), "
                + "gradient \(gradient?.shape ?? []), hits \(hits?.shape ?? [])")
        var job = ck_losses()
        switch targets {
        case .classes(let classes):
            precondition(
                classes.count == outputs.rows && classes.limit <= outputs.columns,
                "\(classes.count) classes below \(classes.limit) for outputs \(outputs.shape)")
            job.classes = classes.pointer
        case .values(let values):
            precondition(values.shape == outputs.shape, "targets \(values.shape) for outputs \(outputs.shape)")
            job.targets = UnsafePointer(values.pointer)
        }
        job.loss = function.kernels
        job.rows = outputs.rows
        job.columns = outputs.columns
        job.outputs = outputs.pointer
        job.weights = weights.map { UnsafePointer($0.pointer) }
        job.scale = scale
        job.gradient = gradient?.operand ?? ck_operand(precision: CK_FLOAT32, data: nil, stride: 0)
        job.losses = losses.pointer
        job.hits = hits?.pointer
        withExtendedLifetime((targets, weights)) { ck_compute_losses(team, table, &job) }
    }

    package func scatter(_ rows: Operand, tokens: Indices, into table: Matrix) {
        precondition(
            rows.columns == table.columns && tokens.count == rows.rows && tokens.limit <= table.rows,
            "\(rows.shape) scattered by \(tokens.count) tokens below \(tokens.limit) into \(table.shape)")
        ck_scatter(team, self.table, rows.rows, rows.columns, rows.operand, tokens.pointer, table.rows, table.pointer)
    }

    package func columnSums(_ matrix: Operand, into sums: Matrix) {
        precondition(sums.count == matrix.columns, "column sums of \(matrix.shape) into \(sums.shape)")
        ck_column_sums(team, table, matrix.rows, matrix.columns, matrix.operand, sums.pointer)
    }

    package func columnSums(ofProducts left: Operand, _ right: Operand, into sums: Matrix) {
        precondition(
            left.shape == right.shape && left.precision == right.precision && sums.count == left.columns,
            "column sums of \(left.shape), \(left.precision) times \(right.shape), \(right.precision) into \(sums.shape)")
        ck_column_sums_of_products(
            team, table, left.rows, left.columns, left.operand, right.operand, sums.pointer)
    }
}
