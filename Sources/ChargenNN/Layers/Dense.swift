import ChargenTensor

/// A dense layer: `y = x · kernel + bias`, over all rows at once.
package struct Dense: Sendable {
    package let inputSize: Int
    package let units: Int
    /// `[inputSize, units]`.
    package let kernel: ParameterLayout.Index
    /// `[1, units]`.
    package let bias: ParameterLayout.Index

    /// Declares the layer's parameters under `name`.
    package init(name: String, inputSize: Int, units: Int, layout: inout ParameterLayout) {
        self.inputSize = inputSize
        self.units = units
        kernel = layout.add("\(name).kernel", rows: inputSize, columns: units)
        bias = layout.add("\(name).bias", rows: 1, columns: units)
    }

    /// Kernel Glorot uniform, bias zero, as in Keras.
    package func initialize(_ parameters: ParameterBuffer, using random: inout RandomSource) {
        GlorotUniform().fill(parameters[kernel], using: &random)
        parameters[bias].fill(0)
    }

    /// The buffers of a pass.
    package struct Tape {
        let kernel: PackedMatrix
        let back: Back?

        /// What only the way back needs.
        struct Back {
            /// The kernel's transpose `[units, inputSize]`.
            let kernel: PackedMatrix
            /// The outputs' gradient, packed as a product's right side.
            let outputGradient: PackedMatrix
            /// `[rows, inputSize]`.
            let inputGradient: Matrix
        }
    }

    package func makeTape(rows: Int, training: Bool, on backend: any Backend) -> Tape {
        Tape(
            kernel: backend.makePacked(rows: inputSize, columns: units),
            back: training
                ? Tape.Back(
                    kernel: backend.makePacked(rows: units, columns: inputSize),
                    outputGradient: backend.makePacked(rows: rows, columns: units),
                    inputGradient: Matrix(rows: rows, columns: inputSize))
                : nil)
    }

    /// Packs the parameters; to be called again whenever they have changed.
    package func prepare(_ tape: Tape, parameters: ParameterBuffer, on backend: any Backend) {
        backend.pack(parameters[kernel], transposed: false, into: tape.kernel)
        if let back = tape.back { backend.pack(parameters[kernel], transposed: true, into: back.kernel) }
    }

    /// `outputs [M, units]` of `inputs [M, inputSize]`.
    package func forward(
        _ inputs: Matrix, into outputs: Matrix, tape: Tape, parameters: ParameterBuffer, on backend: any Backend
    ) {
        backend.product(inputs, transposed: false, tape.kernel, bias: parameters[bias], into: outputs)
    }

    /// Writes the parameters' gradients and returns that of the inputs `[M, inputSize]`.
    package func backward(
        inputs: Matrix, outputGradient: Matrix, tape: Tape, gradients: ParameterBuffer, on backend: any Backend
    ) -> Matrix {
        guard let back = tape.back else { preconditionFailure("a tape for inference has no way back") }
        backend.pack(outputGradient, transposed: false, into: back.outputGradient)
        backend.product(inputs, transposed: true, back.outputGradient, bias: nil, into: gradients[kernel])
        backend.columnSums(outputGradient, into: gradients[bias])
        let inputGradient = back.inputGradient[0..<inputs.rows]
        backend.product(outputGradient, transposed: false, back.kernel, bias: nil, into: inputGradient)
        return inputGradient
    }
}
