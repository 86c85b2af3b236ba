/// A stack of recurrent layers and an output layer, as a backend prepares them for decoding: reading one token of each
/// stream at a time.
package struct DecodingModel {
    /// The weights of one layer. ``CellKind`` describes the layout of inputs and gates.
    package struct Layer {
        /// First layer: the input's part of the pre-activations of each token, `[V, inputs·H]`. Other layers: the input
        /// kernel `[H, inputs·H]`.
        package let kernel: Matrix
        /// The recurrent kernel `[H, gates·H]`.
        package let recurrent: Matrix
        /// The bias `[1, inputs·H]`.
        package let bias: Matrix
        /// The recurrent bias `[1, gates·H]`, where the kind has one.
        package let recurrentBias: Matrix?
        /// The kernel of the second product `[H, H]`, where the kind has one.
        package let second: Matrix?
        /// The gain `[1, gates·H]` and the ε of the layer normalization of the gates' product; nil for none.
        package let norm: (gain: Matrix, epsilon: Float)?

        package init(
            kernel: Matrix, recurrent: Matrix, bias: Matrix, recurrentBias: Matrix?, second: Matrix? = nil,
            norm: (gain: Matrix, epsilon: Float)? = nil
        ) {
            self.kernel = kernel
            self.recurrent = recurrent
            self.bias = bias
            self.recurrentBias = recurrentBias
            self.second = second
            self.norm = norm
        }

        fileprivate func fits(_ kind: CellKind, units H: Int, inputs: Int) -> Bool {
            recurrent.shape == [H, kind.gates * H] && bias.count == kind.inputs * H
                && (recurrentBias?.count ?? 0) == (kind.hasRecurrentBias ? kind.gates * H : 0)
                && kernel.shape == [inputs, kind.inputs * H]
                && (second == nil ? kind.secondProduct == nil : second!.shape == [H, H] && kind.secondProduct != nil)
                && (norm == nil || norm!.gain.count == kind.gates * H && kind.canNormalize)
        }
    }

    package let kind: CellKind
    package let layers: [Layer]
    /// The output kernel `[H, V]`.
    package let output: Matrix
    /// The output bias `[1, V]`.
    package let outputBias: Matrix

    /// Traps where shapes do not match, and for a GRU that resets before the product, which no model of tokens has.
    package init(kind: CellKind, layers: [Layer], output: Matrix, outputBias: Matrix) {
        let (H, V) = (output.rows, output.columns)
        precondition(
            !layers.isEmpty && outputBias.count == V && kind != .gruResetBefore
                && layers.enumerated().allSatisfy { $1.fits(kind, units: H, inputs: $0 == 0 ? V : H) },
            "\(kind) layers \(layers.map { [$0.kernel.shape, $0.recurrent.shape, $0.bias.shape] }), "
                + "output \(output.shape), \(outputBias.shape)")
        self.kind = kind
        self.layers = layers
        self.output = output
        self.outputBias = outputBias
    }

    /// The sizes of the model.
    package var shape: DecodingShape {
        DecodingShape(kind: kind, layers: layers.count, units: output.rows, vocabulary: output.columns)
    }
}

/// The sizes of a model that decodes.
package struct DecodingShape: Sendable, Equatable {
    package let kind: CellKind
    /// Recurrent layers, L.
    package let layers: Int
    /// Units of each layer, H.
    package let units: Int
    /// Tokens, V.
    package let vocabulary: Int

    package init(kind: CellKind, layers: Int, units: Int, vocabulary: Int) {
        self.kind = kind
        self.layers = layers
        self.units = units
        self.vocabulary = vocabulary
    }

    /// Numbers in the recurrent state of one stream: hidden states `[L, H]`, then the cell states `[L, H]` of an LSTM.
    package var stateCount: Int { layers * units * (kind.hasCellState ? 2 : 1) }
}

/// The weights of a model, prepared for decoding on one backend in one precision. They never change, so any number of
/// streams on any threads may share them.
package protocol DecodingWeights: AnyObject, Sendable {
    var shape: DecodingShape { get }
}

/// The states of streams that read tokens with shared weights: a row of memory for each stream.
///
/// The numbers of a row do not depend on the other rows, on their number, or on the number of threads.
package protocol DecodingStreams: AnyObject {
    var shape: DecodingShape { get }
    /// The number of rows.
    var capacity: Int { get }

    /// Reads token `tokens[row]` in each of the first rows and computes their new states, and their logits where
    /// `computesLogits` is true.
    func step(_ tokens: [Int32], computesLogits: Bool)
    /// The recurrent state of a row: ``DecodingShape/stateCount`` numbers.
    func state(ofRow row: Int) -> [Float]
    /// Overwrites `logits` with those of a row, `[V]`: those of its last step that computed them.
    func copyLogits(ofRow row: Int, to logits: inout [Float])
    /// Overwrites a row's state, and its logits where they are given.
    func set(row: Int, state: [Float], logits: [Float]?)
    /// Exchanges two rows.
    func swapRows(_ first: Int, _ second: Int)

    /// Calls `body` once for each of the first `count` rows, with a copy of its logits that `body` may change. The rows are
    /// shared among the backend's threads; `body` must not depend on their order.
    func forEachRow(_ count: Int, _ body: @Sendable (Int, inout [Float]) -> Void)
}
