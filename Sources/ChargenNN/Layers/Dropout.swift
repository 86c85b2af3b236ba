import ChargenTensor

/// Drops a share of the numbers in training and scales up the others, so that the expectation stays; does nothing otherwise
/// (Srivastava and others, "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", 2014).
public struct Dropout: Layer {
    /// The share that is dropped, 0 or more and less than 1.
    public var rate: Float

    /// Drops the share `rate`.
    public init(rate: Float) { self.rate = rate }

    /// How the layer is put to work.
    public var blueprint: LayerBlueprint {
        LayerBlueprint(kind: "dropout", title: "Dropout") { name, input, _ in
            try LayerError.require(rate: rate, name, "rate")
            return ActiveDropout(rate: rate, shape: input)
        }
    }
}
