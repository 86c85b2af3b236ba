/// A warm-up before any other schedule: the learning rate rises linearly from almost zero, and the other schedule has the rest
/// of the run for itself. Adaptive optimizers need it at high learning rates, because their first steps rest on few gradients
/// (Goyal and others, "Accurate, Large Minibatch SGD", 2017).
///
///     options.schedule = WarmupSchedule(share: 0.03, before: CosineSchedule(end: 0))
public struct WarmupSchedule: LearningRateSchedule {
    /// The share of the run's steps in which the learning rate rises, from 0 (none) to 1 (all).
    public let share: Double
    /// The schedule of the steps after the warm-up.
    public let following: any LearningRateSchedule

    /// - Parameters:
    ///   - share: the share of the run's steps that the warm-up takes, 0 to 1; traps outside.
    ///   - schedule: the schedule of the other steps.
    public init(share: Double, before schedule: any LearningRateSchedule) {
        precondition(0...1 ~= share, "a warm-up of a share of \(share)")
        self.share = share
        following = schedule
    }

    /// The names of both, such as `warm-up 0.03, cosine`.
    public var name: String { "warm-up \(share), \(following.name)" }

    /// The factor of the learning rate at `step` (from 0) of `total`.
    public func factor(step: Int, of total: Int) -> Double { factor(step: step, of: total, validationLosses: []) }

    /// The factor of the learning rate at `step` (from 0) of `total`. Of W steps of warm-up, step i has the share
    /// (i + 1) / (W + 1) of the other schedule's first factor.
    public func factor(step: Int, of total: Int, validationLosses: [Double]) -> Double {
        let rising = Int((share * Double(total)).rounded())
        let factor = following.factor(
            step: max(0, step - rising), of: max(1, total - rising), validationLosses: validationLosses)
        return step < rising ? factor * Double(step + 1) / Double(rising + 1) : factor
    }
}
