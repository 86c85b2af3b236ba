import CChargenKernels

extension CPUBackend {
    package func sumOfSquares(_ matrix: Matrix) -> Double {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: ck_partial_count(matrix.count)) {
            ck_sum_of_squares(team, table, matrix.count, matrix.pointer, $0.baseAddress)
        }
    }

    package func dot(_ x: Matrix, _ y: Matrix) -> Float {
        precondition(x.count == y.count, "scalar product of \(x.shape) and \(y.shape)")
        return table.pointee.dot(x.count, x.pointer, y.pointer)
    }

    package func addScaled(_ alpha: Float, _ x: Matrix, to y: Matrix) {
        precondition(x.count == y.count, "\(x.shape) added to \(y.shape)")
        table.pointee.axpy(x.count, alpha, x.pointer, y.pointer)
    }

    package func adamStep(
        _ step: AdamStep, gradients: Matrix, parameters: Matrix, means: Matrix, squares: Matrix
    ) {
        precondition(
            [parameters.count, means.count, squares.count].allSatisfy { $0 == gradients.count },
            "Adam over \(gradients.shape), \(parameters.shape), \(means.shape), \(squares.shape)")
        var constants = ck_adam(
            learning_rate: step.learningRate, beta1: step.beta1, beta2: step.beta2, epsilon: step.epsilon,
            correction1: step.correction1, correction2: step.correction2, scale: step.scale, limit: step.limit,
            decay: step.decay)
        ck_adam_step(
            team, table, gradients.count, &constants, gradients.pointer, parameters.pointer, means.pointer,
            squares.pointer)
    }

    package func sgdStep(
        rate: Float, scale: Float, limit: Float, momentum: Float, gradients: Matrix, parameters: Matrix,
        velocities: Matrix?
    ) {
        precondition(
            parameters.count == gradients.count && (velocities == nil || velocities!.count == gradients.count),
            "SGD over \(gradients.shape), \(parameters.shape), \(velocities?.shape ?? [])")
        var constants = ck_sgd(learning_rate: rate, momentum: momentum, scale: scale, limit: limit)
        ck_sgd_step(
            team, table, gradients.count, &constants, gradients.pointer, parameters.pointer, velocities?.pointer)
    }
}
