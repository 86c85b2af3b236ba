import ChargenTensor

/// How a layer is put to work; what a ``Sequential`` needs of it.
public struct LayerBlueprint: Sendable {
    /// The layer's kind as names of parameters have it: `lstm`, `dense`.
    package let kind: String
    /// What ``Sequential/summary()`` shows: `LSTM`, `Dense`.
    package let title: String
    /// Declares the parameters under a name, checks the options against what comes in, and makes the layer.
    package let build: @Sendable (_ name: String, _ input: SignalShape, inout ParameterLayout) throws -> any ActiveLayer

    package init(
        kind: String, title: String,
        build: @escaping @Sendable (_ name: String, _ input: SignalShape, inout ParameterLayout) throws -> any ActiveLayer
    ) {
        self.kind = kind
        self.title = title
        self.build = build
    }
}
