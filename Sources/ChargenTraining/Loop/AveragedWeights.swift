import ChargenNN
import ChargenTensor

/// The exponential moving average of the weights over the steps of a run (Polyak and Juditsky, "Acceleration of stochastic
/// approximation by averaging", 1992, with weights that fall exponentially into the past).
///
/// Training goes on with the weights themselves; validation, snapshots and files take the average. It lies on the backend in
/// the layout of the parameters.
struct AveragedWeights {
    /// The averaging window, as a share of the steps of the run.
    private let window: Double
    /// The averages; not defined before the first step.
    var buffer: ParameterBuffer

    init(window: Double, layout: ParameterLayout, on backend: any Backend) {
        self.window = window
        buffer = ParameterBuffer(layout: layout, on: backend)
    }

    /// Adds the parameters after a step to the averages.
    ///
    /// With the decay d = 1 − 1 / (steps in the window), the average is Σ dⁱ xₜ₋ᵢ / Σ dⁱ: the division by the sum of the
    /// weights corrects the bias at the start, so that the average after the first step is the parameters of that step.
    /// - Parameters:
    ///   - weight: Σ dⁱ so far, zero before the first step; it is changed.
    ///   - steps: steps of the whole run, an estimate where they are not known.
    func add(_ parameters: ParameterBuffer, weight: inout Double, of steps: Double, on backend: any Backend) {
        let decay = 1 - 1 / max(1, window * steps)
        weight = 1 + decay * weight
        backend.average(Float(1 / weight), parameters.flat, into: buffer.flat)
    }
}
