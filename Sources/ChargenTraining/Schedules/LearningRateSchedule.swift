import ChargenTensor

/// A rule for the learning rate over a training run.
///
///     struct Halving: LearningRateSchedule {
///         func factor(step: Int, of total: Int) -> Double { step < total / 2 ? 1 : 0.5 }
///     }
///     options.schedule = Halving()
public protocol LearningRateSchedule: Sendable {
    /// The schedule's name, for records of training. By default it is the name of the type.
    var name: String { get }

    /// The factor of the learning rate at `step` (from 0) of `total`.
    func factor(step: Int, of total: Int) -> Double
}

extension LearningRateSchedule {
    /// The name of the type.
    public var name: String { "\(Self.self)" }
}

/// A constant learning rate.
public struct ConstantSchedule: LearningRateSchedule {
    /// The schedule's name, `constant`.
    public var name: String { ScheduleKind.constant.rawValue }

    /// Creates the schedule.
    public init() {}

    /// The factor of the learning rate at `step` (from 0) of `total`: 1.
    public func factor(step: Int, of total: Int) -> Double { 1 }
}

/// A learning rate that falls along half a cosine to a hundredth of its first value (Loshchilov and Hutter, "SGDR", 2017,
/// eq. 5, without restarts): large steps while there is much to learn, small ones to settle.
public struct CosineSchedule: LearningRateSchedule {
    /// The factor at the last step.
    public static let end = 0.01
    /// The schedule's name, `cosine`.
    public var name: String { ScheduleKind.cosine.rawValue }

    /// Creates the schedule.
    public init() {}

    /// The factor of the learning rate at `step` (from 0) of `total`: from 1 to ``end``.
    public func factor(step: Int, of total: Int) -> Double {
        let share = total > 1 ? min(1, Double(step) / Double(total - 1)) : 0
        return Self.end + (1 - Self.end) * 0.5 * (1 + cosine(.pi * share))
    }
}

/// The schedules that the command offers by name.
package enum ScheduleKind: String, Sendable, Codable, CaseIterable {
    /// Falls along a cosine: the default.
    case cosine
    /// Does not change.
    case constant

    /// The schedule.
    package var schedule: any LearningRateSchedule {
        switch self {
        case .cosine: CosineSchedule()
        case .constant: ConstantSchedule()
        }
    }
}
