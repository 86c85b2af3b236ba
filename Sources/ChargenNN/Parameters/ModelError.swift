/// An error in a model's configuration or weights.
public enum ModelError: Error, Equatable, CustomStringConvertible {
    /// A size outside the allowed range.
    case outOfRange(option: String, value: Int, allowed: ClosedRange<Int>)
    /// A tensor that the model needs is missing.
    case missingTensor(name: String)
    /// A tensor that the model has no place for.
    case unexpectedTensor(name: String)
    /// A tensor has another shape than the model needs.
    case wrongShape(name: String, found: [Int], expected: [Int])
    /// A tensor holds a number that is not finite, the first at `index`.
    case notFinite(name: String, index: Int)

    /// The error and the way out, in one line.
    public var description: String {
        switch self {
        case .outOfRange(let option, let value, let allowed):
            "\(option) \(value) is out of range; use \(allowed.lowerBound) to \(allowed.upperBound)"
        case .missingTensor(let name):
            "tensor “\(name)” is missing"
        case .unexpectedTensor(let name):
            "tensor “\(name)” is none of the model's"
        case .wrongShape(let name, let found, let expected):
            "tensor “\(name)” has shape \(found), not \(expected)"
        case .notFinite(let name, let index):
            "tensor “\(name)” holds a number that is not finite, at index \(index)"
        }
    }

    /// Checks that a size is in its range.
    package static func require(_ range: ClosedRange<Int>, _ option: String, _ value: Int) throws {
        guard range ~= value else { throw ModelError.outOfRange(option: option, value: value, allowed: range) }
    }
}
