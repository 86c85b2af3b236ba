/// An error in the options for sampling.
public enum SamplingError: Error, Equatable, CustomStringConvertible {
    /// The value of `option` is outside the range `allowed`.
    case outOfRange(option: String, value: String, allowed: String)

    /// One line that says what is wrong and what to do about it.
    public var description: String {
        switch self {
        case .outOfRange(let option, let value, let allowed):
            "\(option) \(value) is out of range; use \(allowed)"
        }
    }
}
