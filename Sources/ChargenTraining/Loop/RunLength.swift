/// How many optimizer steps a run and each of its epochs have, and at which of them it is measured. A run that follows the
/// clock has no number of steps.
struct RunLength {
    /// Optimizer steps of a whole epoch.
    let stepsPerEpoch: Int
    /// Optimizer steps of the run; nil where it follows the clock.
    let steps: Int?
    /// Measurements of a whole epoch, the last of which is at its end.
    private let measurements: Int

    /// - Parameters:
    ///   - epochs: epochs of the run, with a fraction; nil where it follows the clock.
    ///   - stepsPerEpoch: optimizer steps of a whole epoch.
    ///   - measurements: how often the run is measured at least.
    init(epochs: Double?, stepsPerEpoch: Int, measurements: Int) {
        self.stepsPerEpoch = stepsPerEpoch
        steps = epochs.map { max(1, Int(($0 * Double(stepsPerEpoch)).rounded())) }
        let epochs = steps.map { Double($0) / Double(stepsPerEpoch) } ?? 1
        // More than one in each step is one in each step.
        self.measurements = Int(min(Double(stepsPerEpoch), (Double(measurements) / epochs).rounded(.up)))
    }

    /// Epochs that the run begins, the last of which may end early; nil where it follows the clock.
    var epochs: Int? { steps.map { ($0 + stepsPerEpoch - 1) / stepsPerEpoch } }

    /// Steps of `epoch` (from 1). Epochs after the run's last one are whole.
    func steps(in epoch: Int) -> Int {
        guard let steps, epoch == epochs else { return stepsPerEpoch }
        return steps - (epoch - 1) * stepsPerEpoch
    }

    /// Whether a run that counts steps is measured after `step` (from 1) of an epoch.
    func isMeasured(after step: Int) -> Bool {
        step * measurements / stepsPerEpoch > (step - 1) * measurements / stepsPerEpoch
    }
}
