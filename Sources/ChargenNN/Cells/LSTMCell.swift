import ChargenTensor

/// Long short-term memory (Hochreiter and Schmidhuber, 1997; with a forget gate, Gers, Schmidhuber and Cummins, 2000):
///
///     i = σ(x·Wi + h·Ui + bi)     f = σ(x·Wf + h·Uf + bf)     o = σ(x·Wo + h·Uo + bo)
///     g = tanh(x·Wg + h·Ug + bg)  c' = f∘c + i∘g              h' = o∘tanh(c')
///
/// Kernels lie as in Keras, `[inputs, 4H]` with the gates side by side in the order i, f, g, o, and there is one bias.
package struct LSTMCell: RecurrentCell {
    package let inputSize: Int
    package let hiddenSize: Int
    /// `[V, 4H]`.
    package let kernel: ParameterLayout.Index
    /// `[H, 4H]`.
    package let recurrentKernel: ParameterLayout.Index
    /// `[1, 4H]`.
    package let bias: ParameterLayout.Index

    package init(name: String, inputSize: Int, hiddenSize: Int, layout: inout ParameterLayout) {
        self.inputSize = inputSize
        self.hiddenSize = hiddenSize
        kernel = layout.add("\(name).kernel", rows: inputSize, columns: 4 * hiddenSize)
        recurrentKernel = layout.add("\(name).recurrent_kernel", rows: hiddenSize, columns: 4 * hiddenSize)
        bias = layout.add("\(name).bias", rows: 1, columns: 4 * hiddenSize)
    }

    /// Recurrent kernel orthogonal, bias zero but one for the forget gate, so that a cell remembers before it has
    /// learned to (Jozefowicz, Zaremba and Sutskever, 2015): Keras's defaults.
    ///
    /// The kernel is LeCun uniform with a fan-in of one, not Glorot uniform: of a one-hot input just one number is not
    /// zero, and Glorot's rule, which counts V of them, would make characters all but inaudible at first. On tiny
    /// Shakespeare the validation loss after three epochs is 1.545 instead of 1.646, and a first epoch no longer ends
    /// with a cell state that runs away.
    package func initialize(
        _ parameters: ParameterBuffer, using random: inout RandomSource, on backend: any Backend
    ) {
        LeCunUniform(fanIn: 1).fill(parameters[kernel], using: &random)
        Orthogonal().fill(parameters[recurrentKernel], using: &random, on: backend)
        let gate = [Float](repeating: 0, count: hiddenSize)
        parameters[bias].assign(gate + [Float](repeating: 1, count: hiddenSize) + gate + gate)
    }
}

/// The buffers of an LSTM's pass.
package final class LSTMTape {
    /// `[T·N, 4H]`, activated.
    let gates: Matrix
    /// `[(T+1)·N, H]`; row block 0 is the initial state.
    let hidden: Matrix
    /// `[(T+1)·N, H]`.
    let cell: Matrix
    /// The recurrent kernel, gates of a unit together.
    let recurrent: PackedMatrix
    let back: Back?

    /// What only the way back needs.
    struct Back {
        /// The recurrent kernel's transpose `[4H, H]`.
        let recurrent: PackedMatrix
        /// `[T·N, 4H]`, of the pre-activations.
        let gates: Matrix
        /// The same, packed as a product's right side.
        let packedGates: PackedMatrix
        /// `[N, H]`.
        let hidden: Matrix
        /// `[N, H]`.
        let cell: Matrix
    }

    init(steps T: Int, batchSize N: Int, hiddenSize H: Int, training: Bool, on backend: any Backend) {
        gates = Matrix(rows: T * N, columns: 4 * H)
        hidden = Matrix(rows: (T + 1) * N, columns: H)
        cell = Matrix(rows: (T + 1) * N, columns: H)
        recurrent = backend.makePackedGates(hiddenSize: H)
        back = training
            ? Back(
                recurrent: backend.makePacked(rows: 4 * H, columns: H), gates: Matrix(rows: T * N, columns: 4 * H),
                packedGates: backend.makePacked(rows: T * N, columns: 4 * H), hidden: Matrix(rows: N, columns: H),
                cell: Matrix(rows: N, columns: H))
            : nil
    }

    var backward: Back {
        guard let back else { preconditionFailure("a tape for inference has no way back") }
        return back
    }
}
