import ChargenTensor

/// A dense layer: `activation(x · kernel + bias)` for each row, that of a sequence or of each of its steps.
public struct Dense: Layer {
    /// Numbers that come out.
    public var units: Int
    /// What is made of the sums.
    public var activation: Activation
    /// Whether there is a bias.
    public var useBias: Bool
    /// How the kernel begins.
    public var kernelInitializer: Initializer
    /// How the bias begins.
    public var biasInitializer: Initializer

    /// A layer of `units` units; the defaults are Keras's.
    public init(
        units: Int, activation: Activation = .linear, useBias: Bool = true,
        kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros
    ) {
        self.units = units
        self.activation = activation
        self.useBias = useBias
        self.kernelInitializer = kernelInitializer
        self.biasInitializer = biasInitializer
    }

    /// How the layer is put to work.
    public var blueprint: LayerBlueprint {
        LayerBlueprint(kind: "dense", title: "Dense") { name, input, layout in
            let allowed = RNNConfiguration.vocabularySizeRange
            try LayerError.require(
                allowed ~= units, name, "units", units, "\(allowed.lowerBound) to \(allowed.upperBound)")
            guard let width = input.width else {
                throw LayerError.mismatched("\(name) takes numbers, not token ids; put an Embedding before it")
            }
            return ActiveDense(
                self, AffineMap(name: name, inputSize: width, units: units, useBias: useBias, layout: &layout),
                hasTime: input.hasTime)
        }
    }
}
