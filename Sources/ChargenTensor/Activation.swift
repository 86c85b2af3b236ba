/// An activation function of a layer, with Keras's name.
public enum Activation: String, Sendable, Codable, CaseIterable {
    /// The identity, `x`.
    case linear
    /// `1 / (1 + e^−x)`.
    case sigmoid
    /// `x / 6 + 1 / 2`, limited to the range 0 to 1.
    case hardSigmoid = "hard_sigmoid"
    /// `(e^x − e^−x) / (e^x + e^−x)`.
    case tanh
    /// `max(x, 0)`.
    case relu
    /// `e^x` divided by its sum over the row; for dense layers, not for recurrent layers.
    case softmax
}
