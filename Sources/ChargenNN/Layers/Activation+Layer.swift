import ChargenTensor

/// An activation is a layer too: Keras's `Activation`.
extension Activation: Layer {
    /// How the layer is put to work.
    public var blueprint: LayerBlueprint {
        LayerBlueprint(kind: "activation", title: "Activation") { name, input, _ in
            guard input.width != nil else {
                throw LayerError.mismatched("\(name) takes numbers, not token ids; put an Embedding before it")
            }
            return ActiveActivation(self, shape: input)
        }
    }
}
