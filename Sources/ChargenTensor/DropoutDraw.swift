/// Which numbers a dropout drops: drawn anew for each draw, and the same whenever a draw is used, so that the way back
/// needs no memory of it (Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout: A Simple Way to Prevent
/// Neural Networks from Overfitting", 2014). What is kept is scaled by `1 / (1 − rate)`, so that the expectation stays.
package struct DropoutDraw: Sendable, Equatable {
    /// The share that is dropped, in [0, 1).
    package let rate: Float
    /// Where the draw comes from.
    package let seed: UInt64

    package init(rate: Float, seed: UInt64) {
        precondition(rate >= 0 && rate < 1, "dropout of \(rate)")
        self.rate = rate
        self.seed = seed
    }

    /// A draw of 32 random bits below this drops.
    var threshold: UInt32 { UInt32(Double(rate) * 0x1p32) }
    /// What is kept is multiplied by this.
    var scale: Float { 1 / (1 - rate) }
}
