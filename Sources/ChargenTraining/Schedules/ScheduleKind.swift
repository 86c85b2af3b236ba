/// The schedules that the command offers by name.
package enum ScheduleKind: String, Sendable, Codable, CaseIterable {
    /// Falls along a cosine: the default.
    case cosine
    /// Does not change.
    case constant
    /// Falls linearly.
    case linear
    /// Falls in steps.
    case step
    /// Falls exponentially.
    case exponential
    /// Rises and falls.
    case oneCycle = "one-cycle"
    /// Falls where the validation loss does not.
    case plateau

    /// The last factor of most schedules, where nothing else is asked for.
    package static let defaultEnd = 0.01

    /// The schedule with its numbers.
    /// - Parameters:
    ///   - end: the last factor, 0 to 1 (not 0 for `step` and `exponential`): traps outside; nil for the schedule's default.
    ///   - warmup: the share of the run that a warm-up takes, 0 to 1: traps outside.
    package func schedule(end: Double? = nil, warmup: Double = 0) -> any LearningRateSchedule {
        let following: any LearningRateSchedule = switch self {
        case .cosine: end.map { CosineSchedule(end: $0) } ?? CosineSchedule()
        case .constant: ConstantSchedule()
        case .linear: end.map { LinearSchedule(end: $0) } ?? LinearSchedule()
        case .step: end.map { StepSchedule(end: $0) } ?? StepSchedule()
        case .exponential: end.map { ExponentialSchedule(end: $0) } ?? ExponentialSchedule()
        case .oneCycle: end.map { OneCycleSchedule(end: $0) } ?? OneCycleSchedule()
        case .plateau: end.map { PlateauSchedule(end: $0) } ?? PlateauSchedule()
        }
        return warmup == 0 ? following : WarmupSchedule(share: warmup, before: following)
    }
}
