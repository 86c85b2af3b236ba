import ChargenTensor

/// One cycle: the learning rate rises from a small one to the highest during the first part of the run and then falls to almost
/// nothing (Smith, "A disciplined approach to neural network hyper-parameters", 2018), with PyTorch's numbers and its two
/// halves of a cosine. The options' learning rate is the highest one. The momentum does not change.
public struct OneCycleSchedule: LearningRateSchedule {
    /// The share of the run in which the learning rate rises, from 0 to 1.
    public let rise: Double
    /// The factor at the first step, from 0 to 1.
    public let start: Double
    /// The factor at the last step, from 0 to 1.
    public let end: Double

    /// - Parameters:
    ///   - rise: the share of the run in which the learning rate rises, 0 to 1; traps outside.
    ///   - start: the factor at the first step, 0 to 1; traps outside.
    ///   - end: the factor at the last step, 0 to 1; traps outside.
    public init(rise: Double = 0.3, start: Double = 0.04, end: Double = 4e-6) {
        precondition(0...1 ~= rise && 0...1 ~= start, "a cycle that rises from \(start) during \(rise) of the run")
        self.rise = rise
        self.start = start
        self.end = checkedEnd(end)
    }

    /// The schedule's name: `one-cycle`, with its numbers where they are not the defaults.
    public var name: String {
        let usual = OneCycleSchedule(), kind = ScheduleKind.oneCycle.rawValue
        return rise == usual.rise && start == usual.start && end == usual.end
            ? kind : "\(kind) from \(start) during \(rise) to \(end)"
    }

    /// The factor of the learning rate at `step` (from 0) of `total`: from ``start`` to 1 to ``end``.
    public func factor(step: Int, of total: Int) -> Double {
        let share = shareDone(step, of: total)
        func between(_ first: Double, _ last: Double, _ share: Double) -> Double {
            last + (first - last) * 0.5 * (1 + cosine(.pi * share))
        }
        return share < rise ? between(start, 1, share / rise) : between(1, end, rise < 1 ? (share - rise) / (1 - rise) : 0)
    }
}
