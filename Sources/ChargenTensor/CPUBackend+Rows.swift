import CChargenKernels

extension CPUBackend {
    package func loss(
        _ function: LossFunction, outputs: Matrix, targets: LossTargets, weights: [Float]?, scale: Float,
        gradient: Operand?, losses: Matrix, hits: Matrix?
    ) {
        precondition(
            outputs.columns > 0 && losses.count >= outputs.rows && (hits == nil || hits!.count >= outputs.rows)
                && (gradient == nil || gradient!.shape == outputs.shape)
                && (weights == nil || weights!.count == outputs.rows),
            "loss of \(outputs.shape) with \(weights?.count ?? outputs.rows) weights into \(losses.shape), "
                + "gradient \(gradient?.shape ?? []), hits \(hits?.shape ?? [])")
        let (classes, values): ([Int32]?, Matrix?) =
            switch targets {
            case .classes(let classes): (classes, nil)
            case .values(let values): (nil, values)
            }
        if let classes {
            precondition(classes.count == outputs.rows, "\(classes.count) classes for outputs \(outputs.shape)")
            for (row, target) in classes.enumerated() where weights?[row] != 0 {
                precondition(0..<outputs.columns ~= Int(target), "class \(target) of outputs \(outputs.shape)")
            }
        } else if let values {
            precondition(values.shape == outputs.shape, "targets \(values.shape) for outputs \(outputs.shape)")
        }
        classes.withUnsafePointer { classes in
            weights.withUnsafePointer { weights in
                var job = ck_losses()
                job.loss = function.kernels
                job.rows = outputs.rows
                job.columns = outputs.columns
                job.outputs = outputs.pointer
                job.classes = classes
                job.targets = values.map { UnsafePointer($0.pointer) }
                job.weights = weights
                job.scale = scale
                job.gradient = gradient?.operand ?? ck_operand(precision: CK_FLOAT32, data: nil, stride: 0)
                job.losses = losses.pointer
                job.hits = hits?.pointer
                ck_compute_losses(team, table, &job)
            }
        }
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

extension Optional {
    /// Calls `body` with a pointer to the elements of the array, or with nil where there is none.
    fileprivate func withUnsafePointer<Element>(_ body: (UnsafePointer<Element>?) -> Void) where Wrapped == [Element] {
        switch self {
        case .some(let array): array.withUnsafeBufferPointer { body($0.baseAddress) }
        case .none: body(nil)
        }
    }
}
