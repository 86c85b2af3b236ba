/// The random choice of the numbers that a dropout drops (Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov,
/// "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", 2014).
///
/// A draw drops the same numbers each time it is used, so the backward pass needs no stored mask. The numbers that are not
/// dropped are multiplied by `1 / (1 − rate)`, which keeps the expected value.
package struct DropoutDraw: Sendable, Equatable {
    /// The fraction of numbers that is dropped, in [0, 1).
    package let rate: Float
    /// The seed of the draw.
    package let seed: UInt64

    package init(rate: Float, seed: UInt64) {
        precondition(rate >= 0 && rate < 1, "dropout of \(rate)")
        self.rate = rate
        self.seed = seed
    }

    /// A number is dropped where its 32 random bits are below this threshold.
    package var threshold: UInt32 { UInt32(Double(rate) * 0x1p32) }
    /// The factor of the numbers that are not dropped.
    package var scale: Float { 1 / (1 - rate) }
}
