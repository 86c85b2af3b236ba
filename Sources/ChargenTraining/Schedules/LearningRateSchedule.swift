/// A rule for the learning rate over a training run.
///
///     struct Halving: LearningRateSchedule {
///         func factor(step: Int, of total: Int) -> Double { step < total / 2 ? 1 : 0.5 }
///     }
///     options.schedule = Halving()
///
/// A schedule depends on how far the run is, and, if it implements
/// `factor(step:of:validationLosses:)`, on the validation losses so far.
public protocol LearningRateSchedule: Sendable {
    /// The schedule's name, for records of training. By default it is the name of the type.
    var name: String { get }

    /// The factor of the learning rate at `step` (from 0) of `total`.
    func factor(step: Int, of total: Int) -> Double

    /// The factor of the learning rate at `step` (from 0) of `total`, given all validation losses of the run so far, in
    /// order. By default it does not depend on them.
    func factor(step: Int, of total: Int, validationLosses: [Double]) -> Double
}

extension LearningRateSchedule {
    /// The name of the type.
    public var name: String { "\(Self.self)" }

    /// The factor that does not depend on validation losses.
    public func factor(step: Int, of total: Int, validationLosses: [Double]) -> Double {
        factor(step: step, of: total)
    }
}

/// The share of a run that is done at `step` (from 0) of `total`: 0 at the first step and 1 at the last.
func shareDone(_ step: Int, of total: Int) -> Double { total > 1 ? min(1, Double(step) / Double(total - 1)) : 0 }
