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

    package init(_ optimizer: any Optimizer, clipping: GradientClipping, layout: ParameterLayout) {
        self.optimizer = optimizer
        self.clipping = clipping
        slots = optimizer.slotNames.map { ($0, ParameterBuffer(layout: layout)) }
        trained = layout.trainedRuns(splitByDecay: false)
        runs = optimizer.hasWeightDecay ? layout.trainedRuns(splitByDecay: true) : trained
    }

    /// The global norm of the gradients of trained parameters.
    package func norm(of gradients: ParameterBuffer, on backend: any Backend) -> Double {
        trained.reduce(0) { $0 + backend.sumOfSquares(gradients[$1.range]) }.squareRoot()
    }

    /// Takes the optimizer step `number` (from 1) with gradients whose global norm is `norm`.
    package func apply(
        _ gradients: ParameterBuffer, norm: Double, to parameters: ParameterBuffer, number: Int, learningRate: Double,
        on backend: any Backend
    ) {
        let step = OptimizerStep(
            number: number, learningRate: learningRate, clipping: clipping.factors(gradientNorm: norm))
        for run in runs {
            optimizer.step(
                OptimizerRun(
                    parameters: parameters[run.range], gradients: gradients[run.range],
                    slots: slots.map { $0.buffer[run.range] }, decays: run.decays),
                step, on: backend)
        }
    }
}
