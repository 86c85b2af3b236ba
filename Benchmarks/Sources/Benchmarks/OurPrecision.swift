import Chargen

/// The precision option of a program.
enum OurPrecision: String {
    /// chargen chooses the faster precision on this processor; the other programs have no such option.
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
