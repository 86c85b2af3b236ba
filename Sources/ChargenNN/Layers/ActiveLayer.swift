import ChargenTensor

/// A layer at work: where its parameters lie, and the memory of its last pass. One thread's own.
package protocol ActiveLayer: AnyObject {
    /// What comes out.
    var output: SignalShape { get }
    /// The weights in Keras's order, names and layouts.
    var weights: [LayerWeight] { get }
    /// The weights as PyTorch keeps them under `name`; `layer` counts recurrent layers.
    func torchPlaces(_ name: String, layer: Int) -> [TorchPlace]
    /// Whether training leaves the weights alone.
    var isFrozen: Bool { get }

    /// Draws initial values.
    func initialize(_ parameters: ParameterBuffer, using random: inout RandomSource, on backend: any Backend)
    /// To be called when the parameters have changed.
    func parametersChanged()
    /// Begins a stateful layer anew.
    func resetStates()
    /// Runs the layer over `input`.
    /// - Throws: ``LayerError`` where the input does not fit.
    func forward(_ input: Signal, _ context: PassContext) throws -> Signal
    /// Goes back over the last pass, once: writes the parameters' gradients, and returns that of the input.
    func backward(_ gradient: SignalGradient, _ context: PassContext) -> SignalGradient
}

extension ActiveLayer {
    package var weights: [LayerWeight] { [] }
    package func torchPlaces(_ name: String, layer: Int) -> [TorchPlace] { [] }
    package var isFrozen: Bool { false }
    package func initialize(_ parameters: ParameterBuffer, using random: inout RandomSource, on backend: any Backend) {}
    package func parametersChanged() {}
    package func resetStates() {}
}
