/// A function that measures how far the outputs `x` of a row are from the row's targets `y`, and when a prediction is
/// right.
package enum LossFunction: Sendable, CaseIterable {
    /// `−Σ y · log softmax(x)`, in nats. A prediction is right where the first largest output is at the row's class, or at
    /// its first largest target.
    case softmaxCrossEntropy
    /// The mean over the columns of `max(x, 0) − x · y + log(1 + e^−|x|)`, in nats: the binary cross-entropy of `sigmoid(x)`.
    /// A prediction is right where `x > 0` in exactly the columns where `y > ½`.
    case sigmoidCrossEntropy
    /// The mean over the columns of `(x − y)²`. No prediction counts as right.
    case squaredError
}

/// The targets of the rows of outputs `[M, C]`.
package enum LossTargets {
    /// One class in `0..<C` for each row: the row's target is 1 in that column and 0 elsewhere.
    case classes(Indices)
    /// Targets `[M, C]`.
    case values(Matrix)
}
