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
    /// `[D, 4H]`, where D is V for one-hot inputs.
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
    /// The kernel is Glorot uniform too, but for one-hot inputs LeCun uniform with a fan-in of one: of such an input just
    /// one number is not zero, and Glorot's rule, which counts V of them, would make characters all but inaudible at
    /// first. On tiny Shakespeare the validation loss after three epochs is 1.545 instead of 1.646, and a first epoch no
    /// longer ends with a cell state that runs away.
    package func initialize(
        _ parameters: ParameterBuffer, oneHot: Bool, using random: inout RandomSource, on backend: any Backend
    ) {
        if oneHot {
            LeCunUniform(fanIn: 1).fill(parameters[kernel], using: &random)
        } else {
            GlorotUniform().fill(parameters[kernel], using: &random)
        }
        Orthogonal().fill(parameters[recurrentKernel], using: &random, on: backend)
        let gate = [Float](repeating: 0, count: hiddenSize)
        parameters[bias].assign(gate + [Float](repeating: 1, count: hiddenSize) + gate + gate)
    }
}
