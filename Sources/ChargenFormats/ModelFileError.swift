/// What can be wrong with a model file.
public enum ModelFileError: Error, Equatable, CustomStringConvertible {
    /// The file ends too early.
    case truncated(path: String, bytes: Int, expected: Int)
    /// The header's length makes no sense for the file.
    case headerLength(path: String, length: UInt64, limit: UInt64)
    /// The header is not what the format asks for.
    case badHeader(path: String, reason: String)
    /// The bytes of a tensor lie outside the file, over another's, or leave a gap; `range` counts from the first tensor.
    case badOffsets(path: String, tensor: String, range: [Int], reason: String)
    /// A tensor's numbers are of another type than float32.
    case unsupportedType(path: String, tensor: String, type: String)
    /// A safetensors file of another program.
    case notAModel(path: String)
    /// A file of ours, but not of the kind that was asked for.
    case otherKind(path: String, found: String, use: String)
    /// The file was written in a format that this version does not know.
    case newerFormat(path: String, version: String)
    /// The weights do not fit the configuration; `reason` names the tensor.
    case badWeights(path: String, reason: String)

    /// What is wrong and the way out, in one line.
    public var description: String {
        let wayOut = "train it anew, or copy it again from where it was made"
        switch self {
        case .truncated(let path, let bytes, let expected):
            return "\(path): the model file is cut short, \(bytes) of \(expected) bytes are there; \(wayOut)"
        case .headerLength(let path, let length, let limit):
            return "\(path): is no model file (its header would have \(length) bytes, and at most \(limit) can be); "
                + "make one with chargen train"
        case .badHeader(let path, let reason):
            return "\(path): the model file's header is damaged (\(reason)); \(wayOut)"
        case .badOffsets(let path, let tensor, let range, let reason):
            return "\(path): tensor “\(tensor)” lies at bytes \(range), which \(reason); \(wayOut)"
        case .unsupportedType(let path, let tensor, let type):
            return "\(path): tensor “\(tensor)” is of type \(type); save it as F32"
        case .notAModel(let path):
            return "\(path): is a safetensors file but no model of chargen's; make one with chargen train"
        case .otherKind(let path, let found, let use):
            return "\(path): is \(found); use it with \(use)"
        case .newerFormat(let path, let version):
            return "\(path): is in format \(version), which this version does not know; use a newer chargen"
        case .badWeights(let path, let reason):
            return "\(path): \(reason); \(wayOut)"
        }
    }
}
