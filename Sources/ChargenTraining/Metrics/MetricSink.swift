/// Somewhere that metrics go: a terminal, a file.
public protocol MetricSink {
    /// Takes the progress within an epoch; called after every step, so it should be quick.
    mutating func record(_ progress: StepProgress)
    /// Takes a finished epoch.
    mutating func record(_ metrics: EpochMetrics) throws
}

extension MetricSink {
    /// Most sinks care about epochs only.
    public mutating func record(_ progress: StepProgress) {}
}
