import ChargenTensor

extension ReferenceBackend {
    package func decide(_ rule: StepRule, _ sums: StepSums) {
        sums.scalars[StepSums.scale] = rule.scale(
            loss: sums.scalars[StepSums.loss], squares: sums.scalars[StepSums.squares])
    }

    package func average(_ rate: Float, _ x: Matrix, into mean: Matrix) {
        precondition(x.count == mean.count, "mean \(mean.shape) of \(x.shape)")
        let means = ReferenceNumbers(mean)
        for (index, number) in ReferenceNumbers(x).all.enumerated() {
            means[index] += Double(rate) * (number - means[index])
        }
    }

    package func adamStep(
        _ step: AdamStep, _ sums: StepSums, gradients: Matrix, parameters: Matrix, means: Matrix, squares: Matrix
    ) {
        precondition(
            [parameters.count, means.count, squares.count].allSatisfy { $0 == gradients.count },
            "Adam over \(gradients.shape), \(parameters.shape), \(means.shape), \(squares.shape)")
        let scale = sums.scalars[StepSums.scale]
        guard !scale.isNaN else { return }
        let (p, m, v) = (ReferenceNumbers(parameters), ReferenceNumbers(means), ReferenceNumbers(squares))
        let (beta1, beta2) = (Double(step.beta1), Double(step.beta2))
        for (index, gradient) in ReferenceNumbers(gradients).all.enumerated() {
            let g = Self.limited(scale * gradient, step.limit)
            m[index] = beta1 * m[index] + (1 - beta1) * g
            v[index] = beta2 * v[index] + (1 - beta2) * g * g
            let root = v[index].squareRoot() / Double(step.correction2) + Double(step.epsilon)
            let change = Double(step.learningRate) * m[index] / Double(step.correction1) / root
            p[index] = p[index] * (1 - Double(step.decay)) - change
        }
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
        let (p, v) = (ReferenceNumbers(parameters), velocities.map { ReferenceNumbers($0) })
        for (index, gradient) in ReferenceNumbers(gradients).all.enumerated() {
            let g = Self.limited(scale * gradient, limit)
            var step = g
            if let v {
                step = Double(momentum) * v[index] + g
                v[index] = step
                if isNesterov { step = Double(momentum) * step + g }
            }
            p[index] -= Double(rate) * step
        }
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
        let (p, v) = (ReferenceNumbers(parameters), ReferenceNumbers(squares))
        let (m, b) = (means.map { ReferenceNumbers($0) }, velocities.map { ReferenceNumbers($0) })
        let (meanDecay, momentum) = (Double(step.meanDecay), Double(step.momentum))
        for (index, gradient) in ReferenceNumbers(gradients).all.enumerated() {
            let g = Self.limited(scale * gradient, step.limit)
            v[index] = Double(step.squareDecay) * v[index] + Double(step.squareGain) * g * g
            m?[index] = meanDecay * m![index] + (1 - meanDecay) * g
            let mean = m?[index] ?? 0, spread = step.isCentered ? max(0, v[index] - mean * mean) : v[index]
            let root = Double(step.rootFactor) * (spread + Double(step.innerEpsilon)).squareRoot() + Double(step.epsilon)
            var change = Double(step.learningRate) * (Double(step.gradientWeight) * g + Double(step.meanWeight) * mean) / root
            if let b {
                change += momentum * b[index]
                b[index] = change
            }
            p[index] -= change
        }
    }

    /// `number`, limited to `±limit`. NaN stays NaN.
    private static func limited(_ number: Double, _ limit: Float) -> Double {
        let limit = Double(limit)
        return number > limit ? limit : number < -limit ? -limit : number
    }
}
