import ChargenTensor

/// A vector of `outputDim` numbers for each of `inputDim` token ids.
public struct Embedding: Layer {
    /// Tokens, V.
    public var inputDim: Int
    /// Numbers in a vector, D.
    public var outputDim: Int
    /// How the vectors begin, where there are none given.
    public var embeddingsInitializer: Initializer
    /// Whether token 0 is padding, whose steps recurrent layers pass over.
    public var maskZero: Bool
    /// Vectors to begin with, `[V, D]`.
    public var weights: Tensor?
    /// Whether training changes the vectors.
    public var trainable: Bool

    /// Vectors that begin by `embeddingsInitializer`; the defaults are Keras's.
    public init(
        inputDim: Int, outputDim: Int, embeddingsInitializer: Initializer = .randomUniform(), maskZero: Bool = false
    ) {
        self.inputDim = inputDim
        self.outputDim = outputDim
        self.embeddingsInitializer = embeddingsInitializer
        self.maskZero = maskZero
        trainable = true
    }

    /// Pretrained vectors, `weights [V, D]`, frozen unless they are `trainable`.
    public init(weights: Tensor, trainable: Bool = false, maskZero: Bool = false) {
        precondition(weights.shape.count == 2, "vectors of shape \(weights.shape)")
        self.init(inputDim: weights.shape[0], outputDim: weights.shape[1], maskZero: maskZero)
        self.weights = weights
        self.trainable = trainable
    }

    /// How the layer is put to work.
    public var blueprint: LayerBlueprint {
        LayerBlueprint(kind: "embedding", title: "Embedding") { name, input, layout in
            guard input.width == nil else {
                throw LayerError.mismatched("\(name) takes token ids, not numbers; it must be the first layer")
            }
            for (option, value, allowed) in [
                ("inputDim", inputDim, RNNConfiguration.vocabularySizeRange),
                ("outputDim", outputDim, RNNConfiguration.embeddingSizeRange),
            ] {
                try LayerError.require(
                    allowed ~= value, name, option, value, "\(allowed.lowerBound) to \(allowed.upperBound)")
            }
            if let weights, weights.shape != [inputDim, outputDim] {
                throw LayerError.wrongShape(what: "\(name): weights", found: weights.shape, expected: [inputDim, outputDim])
            }
            return ActiveEmbedding(self, name: name, layout: &layout)
        }
    }
}
