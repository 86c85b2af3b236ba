import CChargenKernels
import ChargenTensor

extension CPUBackend {
    package func sum(_ matrix: Matrix, into scalars: Scalars, at index: Int) {
        scalars[index] = UnsafeBufferPointer(start: matrix.pointer, count: matrix.count).reduce(0) { $0 + Double($1) }
    }

    package func sumOfSquares(_ matrices: [Matrix], into scalars: Scalars, at index: Int) {
        scalars[index] = matrices.reduce(0) { sum, matrix in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: ck_partial_count(matrix.count)) {
                sum + ck_sum_of_squares(team, table, matrix.count, matrix.pointer, $0.baseAddress)
            }
        }
    }

    package func addScaled(_ alpha: Float, _ x: Matrix, to y: Matrix) {
        precondition(x.count == y.count, "\(x.shape) added to \(y.shape)")
        table.pointee.axpy(x.count, alpha, x.pointer, y.pointer)
    }

    package func average(_ rate: Float, _ x: Matrix, into mean: Matrix) {
        precondition(x.count == mean.count, "mean \(mean.shape) of \(x.shape)")
        ck_average(team, table, x.count, rate, x.pointer, mean.pointer)
    }

    package func multiply(_ y: Matrix, by x: Matrix) {
        precondition(x.count == y.count, "\(y.shape) times \(x.shape)")
        let (from, to) = (x.pointer, y.pointer)
        for index in 0..<y.count { to[index] *= from[index] }
    }

    package func decide(_ rule: StepRule, _ sums: StepSums) {
        sums.scalars[StepSums.scale] = rule.scale(
            loss: sums.scalars[StepSums.loss], squares: sums.scalars[StepSums.squares])
    }

    package func adamStep(
        _ step: AdamStep, _ sums: StepSums, gradients: Matrix, parameters: Matrix, means: Matrix, squares: Matrix
    ) {
        precondition(
            [parameters.count, means.count, squares.count].allSatisfy { $0 == gradients.count },
            "Adam over \(gradients.shape), \(parameters.shape), \(means.shape), \(squares.shape)")
        let scale = sums.scalars[StepSums.scale]
        guard !scale.isNaN else { return }
        var constants = ck_adam(
            learning_rate: step.learningRate, beta1: step.beta1, beta2: step.beta2, epsilon: step.epsilon,
            correction1: step.correction1, correction2: step.correction2, scale: Float(scale), limit: step.limit,
            decay: step.decay)
        ck_adam_step(
            team, table, gradients.count, &constants, gradients.pointer, parameters.pointer, means.pointer,
            squares.pointer)
    }

    package func sgdStep(
        rate: Float, limit: Float, momentum: Float, isNesterov: Bool, _ sums: StepSums, gradients: Matrix,
        parameters: Matrix, velocities: Matrix?
    ) {
        precondition(
            parameters.count == gradients.count && (velocities == nil || velocities!.count == gradients.count),
            "SGD over \(gradients.shape), \(parameters.shape), \(velocities?.shape ?? [])")
        let scale = sums.scalars[StepSums.scale]
        guard !scale.isNaN else { return }
        var constants = ck_sgd(
            learning_rate: rate, momentum: momentum, scale: Float(scale), limit: limit, nesterov: isNesterov ? 1 : 0)
        ck_sgd_step(
            team, table, gradients.count, &constants, gradients.pointer, parameters.pointer, velocities?.pointer)
    }

    package func adaptiveStep(
        _ step: AdaptiveStep, _ sums: StepSums, gradients: Matrix, parameters: Matrix, means: Matrix?, squares: Matrix,
        velocities: Matrix?
    ) {
        precondition(
            [parameters, means, squares, velocities].allSatisfy { $0 == nil || $0!.count == gradients.count },
            "a step over \(gradients.shape), \([parameters, means, squares, velocities].map { $0?.shape ?? [] })")
        let scale = sums.scalars[StepSums.scale]
        guard !scale.isNaN else { return }
        var constants = ck_adaptive(
            learning_rate: step.learningRate, scale: Float(scale), limit: step.limit, mean_decay: step.meanDecay,
            square_decay: step.squareDecay, square_gain: step.squareGain, from_gradient: step.gradientWeight,
            from_mean: step.meanWeight, root_factor: step.rootFactor, inner_epsilon: step.innerEpsilon,
            epsilon: step.epsilon, centered: step.isCentered ? 1 : 0, momentum: step.momentum)
        ck_adaptive_step(
            team, table, gradients.count, &constants, gradients.pointer, parameters.pointer, means?.pointer,
            squares.pointer, velocities?.pointer)
    }
}
