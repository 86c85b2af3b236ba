import ChargenTensor

/// Two recurrent layers over one sequence, one from its beginning and one from its end, whose outputs are joined
/// (Schuster and Paliwal, "Bidirectional Recurrent Neural Networks", 1997).
///
/// As in Keras, steps that are masked put out zeros where the layers return sequences. States are those of the layer from
/// the beginning, then those of the other.
public struct Bidirectional: Layer {
    /// How the two outputs are joined.
    public enum MergeMode: String, Sendable, Codable, CaseIterable {
        /// Side by side.
        case concat
        /// Added.
        case sum
        /// Multiplied, number by number.
        case multiply = "mul"
        /// The mean of both.
        case average = "ave"
    }

    /// From the beginning.
    public let forwardLayer: any RecurrentLayer
    /// From the end.
    public let backwardLayer: any RecurrentLayer
    /// How the two outputs are joined.
    public let mergeMode: MergeMode

    /// `layer` both ways, or, the other way, `backwardLayer`, which must read backwards then.
    public init(
        _ layer: any RecurrentLayer, mergeMode: MergeMode = .concat, backwardLayer: (any RecurrentLayer)? = nil
    ) {
        forwardLayer = layer
        self.mergeMode = mergeMode
        var turned = layer
        turned.options.goBackwards = !layer.options.goBackwards
        self.backwardLayer = backwardLayer ?? turned
    }

    /// How the layer is put to work.
    public var blueprint: LayerBlueprint {
        LayerBlueprint(kind: "bidirectional", title: "Bidirectional") { name, input, layout in
            let (first, second) = (forwardLayer.options, backwardLayer.options)
            guard first.goBackwards != second.goBackwards else {
                throw LayerError.mismatched("\(name): one of the two layers must go backwards, the other not")
            }
            guard first.returnSequences == second.returnSequences, first.returnState == second.returnState,
                first.stateful == second.stateful
            else {
                throw LayerError.mismatched(
                    "\(name): both layers must have the same returnSequences, returnState and stateful")
            }
            guard mergeMode == .concat || first.units == second.units else {
                throw LayerError.mismatched(
                    "\(name): \(first.units) and \(second.units) units can be joined by concat only")
            }
            return ActiveBidirectional(
                try forwardLayer.active(name: "\(name).forward", input: input, layout: &layout),
                try backwardLayer.active(name: "\(name).backward", input: input, layout: &layout),
                prefixes: (
                    "forward_\(forwardLayer.blueprint.kind)/", "backward_\(backwardLayer.blueprint.kind)/"
                ), mergeMode: mergeMode)
        }
    }
}
