import ChargenTensor

/// A recurrent layer: ``LSTM``, ``GRU`` or ``SimpleRNN``.
public protocol RecurrentLayer: Layer {
    /// The options that all recurrent layers share.
    var options: RecurrentOptions { get set }
    /// What the cell computes.
    var specification: CellSpecification { get }
    /// The class's name.
    static var title: String { get }
}

extension RecurrentLayer {
    /// How the layer is put to work.
    public var blueprint: LayerBlueprint {
        // As Keras writes it: the capitals of an abbreviation belong together.
        let kind = Self.title == "SimpleRNN" ? "simple_rnn" : Self.title.lowercased()
        return LayerBlueprint(kind: kind, title: Self.title) { name, input, layout in
            try active(name: name, input: input, layout: &layout)
        }
    }

    /// The layer at work, with its parameters declared under `name`.
    func active(name: String, input: SignalShape, layout: inout ParameterLayout) throws -> ActiveRecurrent {
        try options.validate(name, recurrentActivation: specification.recurrentActivation)
        guard input.hasTime, let width = input.width else {
            throw LayerError.mismatched(
                input.width == nil
                    ? "\(name) takes numbers, not token ids; put an Embedding before it"
                    : "\(name) takes sequences; the layer before it must return them (returnSequences)")
        }
        return ActiveRecurrent(
            RecurrentCell(specification, name: name, inputSize: width, layout: &layout), options: options)
    }
}
