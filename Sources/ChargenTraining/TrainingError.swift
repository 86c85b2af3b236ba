/// What can be wrong with a training run.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
    /// An option has a value outside what is allowed.
    case outOfRange(option: String, value: String, allowed: String)
    /// The loss or a gradient is no finite number any more.
    case diverged(epoch: Int, step: Int, learningRate: Double)

    /// What is wrong and the way out, in one line.
    public var description: String {
        switch self {
        case .outOfRange(let option, let value, let allowed):
            "\(option) \(value) is out of range; use \(allowed)"
        case .diverged(let epoch, let step, let learningRate):
            "training diverged in epoch \(epoch), step \(step), at a learning rate of \(learningRate); "
                + "use a smaller --learning-rate or --clip-norm"
        }
    }
}
