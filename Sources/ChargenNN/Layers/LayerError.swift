/// What can be wrong with a layer's options or with what is given to it.
public enum LayerError: Error, Equatable, CustomStringConvertible {
    /// An option outside what is allowed.
    case outOfRange(layer: String, option: String, value: String, allowed: String)
    /// A layer reads something else than what comes to it.
    case wrongInput(expected: String, found: String)
    /// Numbers of another shape than the layer takes; nil in `expected` stands for any size.
    case wrongShape(what: String, found: [Int], expected: [Int?])
    /// A token id that the embedding does not have.
    case unknownToken(Int32, sequence: Int, step: Int, allowed: Range<Int>)
    /// Layers that do not go together.
    case mismatched(String)

    /// What is wrong and the way out, in one line.
    public var description: String {
        switch self {
        case .outOfRange(let layer, let option, let value, let allowed):
            "\(layer): \(option) \(value) is out of range; use \(allowed)"
        case .wrongInput(let expected, let found):
            "the layer takes \(expected), not \(found)"
        case .wrongShape(let what, let found, let expected):
            "\(what) has shape \(found), not [\(expected.map { $0.map(String.init) ?? "any" }.joined(separator: ", "))]"
        case .unknownToken(let token, let sequence, let step, let allowed):
            "token \(token) of sequence \(sequence), step \(step), is not in \(allowed.lowerBound)..<\(allowed.upperBound)"
        case .mismatched(let why):
            why
        }
    }

    /// Makes sure that an option is in its range.
    static func require(_ condition: Bool, _ layer: String, _ option: String, _ value: Any, _ allowed: String) throws {
        guard condition else {
            throw LayerError.outOfRange(layer: layer, option: option, value: "\(value)", allowed: allowed)
        }
    }

    /// Makes sure that a share to drop out is one.
    static func require(rate: Float, _ layer: String, _ option: String = "dropout") throws {
        try require(rate >= 0 && rate < 1, layer, option, rate, "0 or more and less than 1")
    }
}
