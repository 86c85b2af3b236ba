import ChargenNN
import ChargenTensor

/// Changes the trained parameters of a model: the one place where clipping, an optimizer, its slots and the groups of
/// parameters (trained, frozen, with or without weight decay) meet. Frozen parameters are not touched.
package struct ParameterUpdate {
    /// The optimizer's slots, each a number for every parameter.
    package let slots: [(name: String, buffer: ParameterBuffer)]
    private let optimizer: any Optimizer
    private let clipping: GradientClipping
    private let runs: [ParameterLayout.Run]
    private let trained: [ParameterLayout.Run]

    package init(
        _ optimizer: any Optimizer, clipping: GradientClipping, layout: ParameterLayout, on backend: any Backend
    ) {
        self.optimizer = optimizer
        self.clipping = clipping
        slots = optimizer.slots.map { slot in
            let buffer = ParameterBuffer(layout: layout, on: backend)
            if slot.initialValue != 0 { backend.fill(buffer.flat, with: slot.initialValue) }
            return (slot.name, buffer)
        }
        trained = layout.trainedRuns(splitByDecay: false)
        runs = optimizer.hasWeightDecay ? layout.trainedRuns(splitByDecay: true) : trained
    }

    /// Takes the optimizer step `number` (from 1), unless the norm of the gradient is not finite or the sum of the losses, which
    /// `sums` holds already, is not below `lossLimit`. The backend decides that without the host.
    package func apply(
        _ gradients: ParameterBuffer, _ sums: StepSums, lossLimit: Double, to parameters: ParameterBuffer, number: Int,
        learningRate: Double, on backend: any Backend
    ) {
        backend.sumOfSquares(trained.map { gradients[$0.range] }, into: sums.scalars, at: StepSums.squares)
        backend.decide(StepRule(norm: clipping.norm, lossLimit: lossLimit), sums)
        let step = OptimizerStep(number: number, learningRate: learningRate, limit: clipping.limit, sums: sums)
        for run in runs {
            optimizer.step(
                OptimizerRun(
                    parameters: parameters[run.range], gradients: gradients[run.range],
                    slots: slots.map { $0.buffer[run.range] }, decays: run.decays),
                step, on: backend)
        }
    }
}
