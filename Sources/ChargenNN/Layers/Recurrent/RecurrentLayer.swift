import ChargenTensor

/// A recurrent layer: ``LSTM``, ``GRU``, ``SimpleRNN`` or ``MultiplicativeLSTM``. These are all; see ``Layer``.
public protocol RecurrentLayer: Layer {
    /// The layer's options.
    var options: RecurrentOptions { get set }
}

extension RecurrentLayer {
    /// Checks the options and declares the parameters.
    /// - Throws: ``LayerError``.
    package func build(_ input: SignalShape, _ builder: inout LayerBuilder) throws -> BuiltLayer {
        try buildRecurrent(input, &builder)
    }

    /// The layer that computes, as a ``Bidirectional`` needs it.
    func buildRecurrent(_ input: SignalShape, _ builder: inout LayerBuilder) throws -> BuiltRecurrent {
        let name = builder.name
        try LayerError.require(SizeLimits.units ~= options.units, name, "units", options.units, SizeLimits.units.inWords)
        try LayerError.require(rate: options.dropout, name)
        try LayerError.require(rate: options.recurrentDropout, name, "recurrentDropout")
        for (option, value) in [
            ("activation", options.activation), ("recurrentActivation", options.recurrentActivation),
        ] {
            try LayerError.require(
                value != .softmax, name, option, value.rawValue,
                Activation.allCases.filter { $0 != .softmax }.map(\.rawValue).joined(separator: ", "))
        }
        if options.layerNorm && !options.kind.canNormalize {
            throw LayerError.mismatched("\(name) cannot normalize its product (layerNorm) if it resets before the product")
        }
        guard let width = input.width else { throw LayerError.needsNumbers(name) }
        guard input.hasTime else {
            throw LayerError.mismatched(
                "\(name) takes sequences; the layer before it must return them (returnSequences)")
        }
        let cell = RecurrentCell(options, name: name, inputSize: width, layout: &builder.layout)
        return BuiltRecurrent(cell)
    }
}
