/// An error in the content of a model file or a classifier file.
public enum ModelFileError: Error, Equatable, CustomStringConvertible {
    /// The file ends too early.
    case truncated(path: String, bytes: Int, expected: Int)
    /// The header's length, the first eight bytes, is not between 2 and `limit` bytes.
    case headerLength(path: String, length: UInt64, limit: UInt64)
    /// The header does not have the form that the format requires; `reason` says why.
    case badHeader(path: String, reason: String)
    /// The byte range of a tensor does not fit its shape, or it overlaps the tensor before it or leaves a gap after it.
    /// `range` counts from the end of the header.
    case badOffsets(path: String, tensor: String, range: [Int], reason: String)
    /// The elements of a tensor are not of type float32.
    case unsupportedType(path: String, tensor: String, type: String)
    /// The file is a safetensors file that another program wrote.
    case notAModel(path: String)
    /// The file contains another kind of model than the one needed.
    case otherKind(path: String, found: SavedModel.Kind, needed: SavedModel.Kind)
    /// The file is in a format that this version of chargen does not know.
    case newerFormat(path: String, version: String)
    /// The weights do not fit the configuration, or are not finite; `reason` names the tensor.
    case badWeights(path: String, reason: String)

    /// The error in one line, with what to do about it where the error alone tells.
    public var description: String {
        let wayOut = "train the model again, or copy the file again"
        switch self {
        case .truncated(let path, let bytes, let expected):
            return "\(path): the model file is cut short: it has \(bytes) of \(expected) bytes; \(wayOut)"
        case .headerLength(let path, let length, let limit):
            return "\(path): is no model file (its header would have \(length) bytes, more than \(limit) or fewer than 2)"
        case .badHeader(let path, let reason):
            return "\(path): the model file's header is damaged (\(reason)); \(wayOut)"
        case .badOffsets(let path, let tensor, let range, let reason):
            return "\(path): tensor “\(tensor)” lies at bytes \(range), which \(reason); \(wayOut)"
        case .unsupportedType(let path, let tensor, let type):
            return "\(path): tensor “\(tensor)” is of type \(type); save it as F32"
        case .notAModel(let path):
            return "\(path): is a safetensors file that chargen did not write"
        case .otherKind(let path, let found, let needed):
            return "\(path): is \(found), not \(needed)"
        case .newerFormat(let path, let version):
            return "\(path): is in format \(version), which this version does not know; use a newer chargen"
        case .badWeights(let path, let reason):
            return "\(path): \(reason); \(wayOut)"
        }
    }
}
