import Chargen

/// A hook that says once when the validation loss is below the loss of counting for the first time.
final class BaselineHook: TrainingHook {
    private let baseline: CountingBaseline
    private let display: TrainingDisplay
    private var isBeaten = false

    /// - Parameters:
    ///   - baseline: the loss that the validation loss is compared with.
    ///   - display: where the hook says it.
    init(_ baseline: CountingBaseline, display: TrainingDisplay) {
        self.baseline = baseline
        self.display = display
    }

    /// Compares the two losses. The loop's metrics are those of the same measurement.
    func validationFinished(_ loop: TrainingLoop, _ validation: LossTotals) {
        guard !isBeaten, validation.loss < baseline.evaluation.loss, let metrics = loop.metrics else { return }
        isBeaten = true
        let second = Numbers.fixed(metrics.seconds, metrics.seconds < 10 ? 1 : 0)
        display.write(
            "better than counting \(baseline.order)-grams from second \(second) on, in epoch \(metrics.epoch): "
                + "validation loss \(Numbers.fixed(validation.loss, 4))"
                + (metrics.isEpochEnd ? "" : " on a part of the held-out text"))
    }
}
