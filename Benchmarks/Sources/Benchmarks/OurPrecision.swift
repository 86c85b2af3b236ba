/// The precision that a program is asked for.
enum OurPrecision: String {
    /// What chargen takes for the best on this processor; the others have no such choice.
    case automatic
    case float32
    case bfloat16
}
