#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A hook that writes the metrics of each measurement, within epochs and at their ends, as one line of JSON:
/// `{"epoch":1,"is_epoch_end":true,"train_loss":2.3,…}`.
/// With a baseline, each line also has its loss and its order: `"baseline_loss":1.52,"baseline_order":6`.
public final class MetricsLines: TrainingHook {
    private let baseline: CountingBaseline?
    private let write: (String) throws -> Void

    /// - Parameters:
    ///   - baseline: the baseline that the validation loss is compared with; nil for none.
    ///   - write: receives each line, with its line feed.
    public init(baseline: CountingBaseline? = nil, write: @escaping (String) throws -> Void) {
        self.baseline = baseline
        self.write = write
    }

    /// Writes the measurement as one line.
    /// - Throws: what the writer throws.
    public func measurementFinished(_ loop: TrainingLoop, _ metrics: EpochMetrics) throws { try write(metrics) }

    /// Writes the epoch as one line.
    /// - Throws: what the writer throws.
    public func epochFinished(_ loop: TrainingLoop, _ metrics: EpochMetrics) throws { try write(metrics) }

    private func write(_ metrics: EpochMetrics) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        try write(String(decoding: try encoder.encode(Line(metrics, baseline)), as: UTF8.self) + "\n")
    }

    /// The metrics and their perplexity, which JSON shows as `null` where it is infinite, and the baseline.
    package struct Line: Encodable {
        private let metrics: EpochMetrics
        private let baseline: CountingBaseline?
        private enum CodingKeys: String, CodingKey { case perplexity, baselineLoss, baselineOrder }

        package init(_ metrics: EpochMetrics, _ baseline: CountingBaseline?) {
            self.metrics = metrics
            self.baseline = baseline
        }

        package func encode(to encoder: any Encoder) throws {
            try metrics.encode(to: encoder)
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(metrics.perplexity.isFinite ? metrics.perplexity : nil, forKey: .perplexity)
            try values.encodeIfPresent(baseline?.evaluation.loss, forKey: .baselineLoss)
            try values.encodeIfPresent(baseline?.order, forKey: .baselineOrder)
        }
    }
}
