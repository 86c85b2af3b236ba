/// An error in a layer's options, or in what a layer or model is given.
public enum LayerError: Error, Equatable, CustomStringConvertible {
    /// An option outside what is allowed.
    case outOfRange(layer: String, option: String, value: String, allowed: String)
    /// A layer is given another kind of input than it reads.
    case wrongInput(expected: String, found: String)
    /// Numbers of another shape than the layer takes; nil in `expected` stands for any size.
    case wrongShape(what: String, found: [Int], expected: [Int?])
    /// A token id that the embedding does not have.
    case unknownToken(Int32, sequence: Int, step: Int, allowed: Range<Int>)
    /// Layers, inputs or options that do not go together.
    case mismatched(String)
    /// Gradients were asked for without a forward pass whose activations are still there.
    case noForwardPass

    /// The error and the way out, in one line.
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
        case .noForwardPass:
            "there is no forward pass to backpropagate through: call the model first, and ask for gradients once"
        }
    }

    /// The error of a layer named `layer` that is given token ids.
    static func needsNumbers(_ layer: String) -> LayerError {
        .mismatched("\(layer) takes numbers, not token ids; put an Embedding before it")
    }

    /// The error of a layer named `layer` that is given numbers.
    static func needsTokens(_ layer: String) -> LayerError {
        .mismatched("\(layer) takes token ids, not numbers; it must be the first layer")
    }

    /// Checks that an option is in its range.
    static func require(_ condition: Bool, _ layer: String, _ option: String, _ value: Any, _ allowed: String) throws {
        guard condition else {
            throw LayerError.outOfRange(layer: layer, option: option, value: "\(value)", allowed: allowed)
        }
    }

    /// Checks that a share to drop is at least 0 and less than 1.
    static func require(rate: Float, _ layer: String, _ option: String = "dropout") throws {
        try require(rate >= 0 && rate < 1, layer, option, rate, "0 or more and less than 1")
    }
}
