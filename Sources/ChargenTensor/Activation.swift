import CChargenKernels

/// What a layer makes of its sums, under Keras's names.
public enum Activation: String, Sendable, Codable, CaseIterable {
    /// `x`.
    case linear
    /// `1 / (1 + e^−x)`.
    case sigmoid
    /// `x / 6 + 1 / 2`, limited to 0 and 1.
    case hardSigmoid = "hard_sigmoid"
    /// `(e^x − e^−x) / (e^x + e^−x)`.
    case tanh
    /// `max(x, 0)`.
    case relu
    /// `e^x` as a share of the sum over the row; for dense layers, not for recurrent ones.
    case softmax

    /// What the kernels call it, where it is a function of one number.
    var kernels: ck_activation {
        switch self {
        case .linear: CK_LINEAR
        case .sigmoid: CK_SIGMOID
        case .hardSigmoid: CK_HARD_SIGMOID
        case .tanh: CK_TANH
        case .relu: CK_RELU
        case .softmax: preconditionFailure("softmax is no function of one number")
        }
    }
}
