import ChargenTensor

/// Layers that go together, with their parameters' places but without memory for them.
package struct SequentialPlan {
    package let layers: [any Layer]
    package let names: [String]
    package let active: [any ActiveLayer]
    package let layout: ParameterLayout
    package let isTimeMajor: Bool

    /// - Throws: ``LayerError`` for options out of range or layers that do not go together.
    package init(_ layers: [any Layer], inputSize: Int? = nil) throws {
        guard let first = layers.first else { throw LayerError.mismatched("a model needs at least one layer") }
        let takesTokens = first is Embedding
        guard takesTokens || inputSize != nil else {
            throw LayerError.mismatched("the first layer takes numbers: give the model an inputSize")
        }
        let recurrent = layers.flatMap(Self.recurrentLayers)
        guard Set(recurrent.map(\.options.timeMajor)).count <= 1 else {
            throw LayerError.mismatched("some layers are time-major and others are not")
        }
        var layout = ParameterLayout()
        // A model that has layers before its first recurrent one reads sequences too.
        var shape = SignalShape(width: takesTokens ? nil : inputSize, hasTime: takesTokens || !recurrent.isEmpty)
        var counts: [String: Int] = [:]
        var names: [String] = [], active: [any ActiveLayer] = []
        for layer in layers {
            let blueprint = layer.blueprint, number = counts[blueprint.kind, default: 0]
            counts[blueprint.kind] = number + 1
            let name = number == 0 ? blueprint.kind : "\(blueprint.kind)_\(number)"
            let made = try blueprint.build(name, shape, &layout)
            names.append(name)
            active.append(made)
            shape = made.output
        }
        self.layers = layers
        self.names = names
        self.active = active
        self.layout = layout
        isTimeMajor = recurrent.first?.options.timeMajor ?? false
    }

    /// The recurrent layers in `layer`.
    static func recurrentLayers(_ layer: any Layer) -> [any RecurrentLayer] {
        if let both = layer as? Bidirectional { return [both.forwardLayer, both.backwardLayer] }
        return (layer as? any RecurrentLayer).map { [$0] } ?? []
    }
}
