import ChargenTensor

/// A constant learning rate.
public struct ConstantSchedule: LearningRateSchedule {
    /// The schedule's name, `constant`.
    public var name: String { ScheduleKind.constant.rawValue }

    /// Creates the schedule.
    public init() {}

    /// The factor of the learning rate at `step` (from 0) of `total`: 1.
    public func factor(step: Int, of total: Int) -> Double { 1 }
}

/// A learning rate that falls along half a cosine (Loshchilov and Hutter, "SGDR", 2017, eq. 5, without restarts): large steps
/// while there is much to learn, small ones to settle.
public struct CosineSchedule: LearningRateSchedule {
    /// The factor at the last step, from 0 to 1.
    public let end: Double

    /// - Parameter end: the factor at the last step, 0 to 1; traps outside.
    public init(end: Double = 0.01) { self.end = checkedEnd(end) }

    /// The schedule's name: `cosine`, or `cosine to 0.0` where it ends at another factor than by default.
    public var name: String { named(.cosine, end: end) }

    /// The factor of the learning rate at `step` (from 0) of `total`: from 1 to ``end``.
    public func factor(step: Int, of total: Int) -> Double {
        end + (1 - end) * 0.5 * (1 + cosine(.pi * shareDone(step, of: total)))
    }
}

/// A learning rate that falls linearly.
public struct LinearSchedule: LearningRateSchedule {
    /// The factor at the last step, from 0 to 1.
    public let end: Double

    /// - Parameter end: the factor at the last step, 0 to 1; traps outside.
    public init(end: Double = 0.01) { self.end = checkedEnd(end) }

    /// The schedule's name: `linear`, or `linear to 0.0` where it ends at another factor than by default.
    public var name: String { named(.linear, end: end) }

    /// The factor of the learning rate at `step` (from 0) of `total`: from 1 to ``end``.
    public func factor(step: Int, of total: Int) -> Double { 1 + (end - 1) * shareDone(step, of: total) }
}

/// A learning rate that falls exponentially: each step multiplies it by the same number.
public struct ExponentialSchedule: LearningRateSchedule {
    /// The factor at the last step, above 0 and up to 1.
    public let end: Double

    /// - Parameter end: the factor at the last step, above 0 and up to 1; traps outside.
    public init(end: Double = 0.01) { self.end = checkedEnd(end, allowsZero: false) }

    /// The schedule's name: `exponential`, or `exponential to 0.1` where it ends at another factor than by default.
    public var name: String { named(.exponential, end: end) }

    /// The factor of the learning rate at `step` (from 0) of `total`: from 1 to ``end``.
    public func factor(step: Int, of total: Int) -> Double { power(end, shareDone(step, of: total)) }
}

/// A learning rate that falls in steps: the run has stages of equal length, and from one stage to the next the rate is
/// multiplied by the same number.
public struct StepSchedule: LearningRateSchedule {
    /// The number of stages.
    public let stages: Int
    /// The factor in the last stage, above 0 and up to 1.
    public let end: Double

    /// - Parameters:
    ///   - stages: the number of stages, 2 or more: traps below. With three, the default, and the default end, each stage has
    ///     a tenth of the rate of the stage before it.
    ///   - end: the factor in the last stage, above 0 and up to 1; traps outside.
    public init(stages: Int = 3, end: Double = 0.01) {
        precondition(stages >= 2, "a schedule of \(stages) stages")
        self.stages = stages
        self.end = checkedEnd(end, allowsZero: false)
    }

    /// The schedule's name: `step`, with its numbers where they are not the defaults.
    public var name: String { (stages == 3 ? "" : "\(stages)-stage ") + named(.step, end: end) }

    /// The factor of the learning rate at `step` (from 0) of `total`: from 1 to ``end``.
    public func factor(step: Int, of total: Int) -> Double {
        // A product of integers could overflow where `total` is a resolution of time.
        let stage = min(stages - 1, Int(Double(step) / Double(max(1, total)) * Double(stages)))
        return power(end, Double(stage) / Double(stages - 1))
    }
}

/// The name of a schedule that falls to `end`.
func named(_ kind: ScheduleKind, end: Double) -> String {
    end == ScheduleKind.defaultEnd ? kind.rawValue : "\(kind.rawValue) to \(end)"
}

/// Checks the last factor of a schedule.
func checkedEnd(_ end: Double, allowsZero: Bool = true) -> Double {
    precondition((allowsZero ? end >= 0 : end > 0) && end <= 1, "a schedule that ends at a factor of \(end)")
    return end
}
