import ChargenNN
import ChargenTensor

/// A fit at work: the optimizer and where it is.
struct Fitting {
    private let model: Sequential
    private let loss: Loss
    private let options: FitOptions
    private let clipping: GradientClipping
    private var optimizer: any Optimizer
    private var step = 0
    private let steps: Int

    init(_ model: Sequential, loss: Loss, options: FitOptions, examples: Int) {
        self.model = model
        self.loss = loss
        self.options = options
        clipping = GradientClipping(norm: options.clipNorm == 0 ? nil : options.clipNorm, value: nil)
        optimizer = options.optimizer.make(layout: model.layout)
        steps = options.epochs * ((examples + options.batchSize - 1) / options.batchSize)
    }

    /// One step: forward, loss, backward, clip, update.
    mutating func learn(_ inputs: LayerInput, _ targets: Tensor, epoch: Int) throws -> FitTotals {
        let signal = try model.signal(of: model.skippingPadding(inputs))
        let output = try model.forward(signal, training: true, gradients: true)
        let values = try output.numbers(), gradient = Matrix(rows: values.rows, columns: values.columns)
        let result = try FitTotals(output, targets, loss, gradient: gradient)
        model.backward(SignalGradient(values: gradient, beforeActivation: loss.activation != nil))
        let gradients = model.gradientBuffer
        let norm = model.backend.sumOfSquares(gradients.flat).squareRoot()
        let rate = (options.learningRate ?? (options.optimizer == .sgd ? 1e-2 : 1e-3))
            * options.schedule.schedule.factor(step: step, of: steps)
        guard result.loss.isFinite && norm.isFinite else {
            throw TrainingError.diverged(epoch: epoch, step: step + 1, learningRate: rate)
        }
        optimizer.step(
            parameters: model.parameters, gradients: gradients, learningRate: rate,
            clipping: clipping.factors(gradientNorm: norm), on: model.backend)
        model.parametersChanged()
        step += 1
        return result
    }
}
