import ChargenTensor

/// How the learning rate changes over a training run.
public protocol LearningRateSchedule: Sendable {
    /// What the learning rate is multiplied by at `step` (from 0) of `total`.
    func factor(step: Int, of total: Int) -> Double
}

/// The learning rate stays as it is.
public struct ConstantSchedule: LearningRateSchedule {
    /// No change.
    public init() {}

    /// What the learning rate is multiplied by at `step` (from 0) of `total`.
    public func factor(step: Int, of total: Int) -> Double { 1 }
}

/// The learning rate falls along half a cosine to a hundredth of what it was (Loshchilov and Hutter, "SGDR", 2017,
/// eq. 5, without restarts): large steps while there is much to learn, small ones to settle.
public struct CosineSchedule: LearningRateSchedule {
    /// The last step's share of the first's learning rate.
    public static let end = 0.01

    /// From 1 to ``end``.
    public init() {}

    /// What the learning rate is multiplied by at `step` (from 0) of `total`.
    public func factor(step: Int, of total: Int) -> Double {
        let share = total > 1 ? min(1, Double(step) / Double(total - 1)) : 0
        return Self.end + (1 - Self.end) * 0.5 * (1 + cosine(.pi * share))
    }
}

/// The schedules that there are.
public enum ScheduleKind: String, Sendable, Codable, CaseIterable {
    /// Falls along a cosine: the default.
    case cosine
    /// Does not change.
    case constant

    var schedule: any LearningRateSchedule {
        switch self {
        case .cosine: CosineSchedule()
        case .constant: ConstantSchedule()
        }
    }
}
