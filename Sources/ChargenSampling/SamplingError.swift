/// What can be wrong with a request for text.
public enum SamplingError: Error, Equatable, CustomStringConvertible {
    /// An option has a value outside what is allowed.
    case outOfRange(option: String, value: String, allowed: String)

    /// What is wrong and the way out, in one line.
    public var description: String {
        switch self {
        case .outOfRange(let option, let value, let allowed):
            "\(option) \(value) is out of range; use \(allowed)"
        }
    }
}
