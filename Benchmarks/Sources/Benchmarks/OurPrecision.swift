import Chargen

/// The precision that a program is asked for.
enum OurPrecision: String {
    /// What chargen takes for the best on this processor; the others have no such choice.
    case automatic
    case float32
    case bfloat16

    /// The library's option.
    var ours: Precision {
        switch self {
        case .automatic: .automatic
        case .float32: .float32
        case .bfloat16: .bfloat16
        }
    }
}
