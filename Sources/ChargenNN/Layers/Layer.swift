import ChargenTensor

/// A layer of a ``Sequential``, described by its options: a value that can be kept, copied and built any number of times.
///
/// Names, defaults and meaning of the options are Keras's. The layers are a closed set, since a layer computes with memory
/// and kernels that are not public: ``Embedding``, ``OneHot``, ``LSTM``, ``GRU``, ``SimpleRNN``, ``Bidirectional``,
/// ``Dense``, ``Dropout`` and `Activation`. A ``Sequential`` throws an error for a type of your own that conforms.
public protocol Layer: Sendable {}

/// A layer that can be built: every layer of the library.
package protocol BuildableLayer: Layer {
    /// Checks the options against the input, declares the parameters, and makes the layer that computes.
    /// - Throws: ``LayerError`` for options out of range, or an input that the layer cannot read.
    func build(_ input: SignalShape, _ builder: inout LayerBuilder) throws -> BuiltLayer
}

extension Layer {
    /// The layer, which can be built.
    /// - Throws: ``LayerError/mismatched(_:)`` for a type that is none of the library's layers.
    package var buildable: any BuildableLayer {
        get throws {
            guard let layer = self as? any BuildableLayer else {
                throw LayerError.mismatched("\(title) is none of the library's layers, and a model cannot be built of others")
            }
            return layer
        }
    }

    /// The name of the layer's class, which is Keras's: `LSTM`, `Dense`.
    package var title: String { "\(Self.self)" }

    /// The layer's kind in names of parameters, as Keras derives it from the class's name: `lstm`, `simple_rnn`.
    package var kind: String {
        var name = "", afterLowercase = false
        for character in title {
            if character.isUppercase && afterLowercase { name += "_" }
            afterLowercase = character.isLowercase
            name += character.lowercased()
        }
        return name
    }
}

/// What a layer is given when it is built: its name in the model, and the layout that its parameters are added to.
package struct LayerBuilder {
    package var name: String
    package var layout: ParameterLayout

    package init(name: String = "", layout: ParameterLayout = ParameterLayout()) {
        self.name = name
        self.layout = layout
    }
}

/// The shape of a ``Signal``, as far as it is known before there is one.
package struct SignalShape: Sendable, Equatable {
    /// Numbers in a row, D; nil for token ids.
    package var width: Int?
    /// True if the signal has a row for each time step, false if it has one row for each sequence.
    package var hasTime: Bool

    package init(width: Int?, hasTime: Bool) {
        self.width = width
        self.hasTime = hasTime
    }
}

/// A layer that computes: it knows where its parameters lie, and keeps the memory of its last pass. One thread uses it at a
/// time. The kinds of layers are its subclasses.
package class BuiltLayer {
    /// The shape of the output.
    package let output: SignalShape

    package init(output: SignalShape) { self.output = output }

    /// The weights under Keras's names, in Keras's layouts and order.
    package var kerasWeights: [NamedWeight] { [] }
    /// The weights under PyTorch's names and in its layouts: `layer` is the number of the layer among recurrent ones, and
    /// `isLast` tells whether it is the last layer of all.
    package func torchWeights(layer: Int, isLast: Bool) -> [NamedWeight] { [] }

    /// Draws initial values of the parameters.
    package func initialize(_ parameters: ParameterBuffer, using random: inout RandomSource, on backend: any Backend) {}
    /// The stateful recurrent layers that the layer consists of.
    package var statefulLayers: [BuiltLayer] { [] }
    /// The state that a stateful recurrent layer begins the next batch with; nil for zero.
    package var carriedState: BatchState?

    /// Computes the layer's output.
    /// - Throws: ``LayerError`` where the input does not fit.
    package func forward(_ input: Signal, _ pass: PassContext) throws -> Signal {
        preconditionFailure("\(Self.self) has no forward pass")
    }

    /// Backpropagates through the last forward pass, once: writes the parameters' gradients, and returns the gradient of
    /// the input, in memory that the layers below may overwrite.
    package func backward(_ gradient: SignalGradient, _ pass: PassContext) -> SignalGradient {
        preconditionFailure("\(Self.self) has no backward pass")
    }
}
