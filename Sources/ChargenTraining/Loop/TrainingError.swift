/// An error in the options of a training run, or in its course.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
    /// An option has a value outside the allowed range.
    case outOfRange(option: String, value: String, allowed: String)
    /// The loss, a gradient or the validation loss is not a finite number any more. The parameters are those of
    /// the last good state.
    case diverged(epoch: Int, step: Int, learningRate: Double)
    /// A state belongs to another run: `reason` says how it differs.
    case otherState(reason: String)

    /// The error in one line, with what to do about it where the error alone tells.
    public var description: String {
        switch self {
        case .outOfRange(let option, let value, let allowed):
            "\(option) \(value) is out of range; use \(allowed)"
        case .diverged(let epoch, let step, let learningRate):
            "training diverged in epoch \(epoch), step \(step), at a learning rate of \(learningRate)"
        case .otherState(let reason):
            "the training state is of another run: \(reason); use the data and the options that it was made with"
        }
    }

    /// Checks that an option is in its range.
    package static func require(_ condition: Bool, _ option: String, _ value: Any, _ allowed: String) throws {
        if !condition { throw TrainingError.outOfRange(option: option, value: "\(value)", allowed: allowed) }
    }

    /// Checks that an option is in its range.
    package static func require(_ range: ClosedRange<Int>, _ option: String, _ value: Int) throws {
        try require(range ~= value, option, value, "\(range.lowerBound) to \(range.upperBound)")
    }
}
