import ChargenTensor

/// A dense layer's sums: `y = x · kernel + bias`, over all rows at once.
package struct AffineMap: Sendable {
    package let inputSize: Int
    package let units: Int
    /// `[inputSize, units]`.
    package let kernel: ParameterLayout.Index
    /// `[1, units]`, where there is one.
    package let bias: ParameterLayout.Index?

    /// Declares the layer's parameters under `name`.
    package init(name: String, inputSize: Int, units: Int, useBias: Bool = true, layout: inout ParameterLayout) {
        self.inputSize = inputSize
        self.units = units
        kernel = layout.add("\(name).kernel", rows: inputSize, columns: units)
        bias = useBias ? layout.add("\(name).bias", rows: 1, columns: units) : nil
    }

    /// Kernel Glorot uniform, bias zero, unless told otherwise: Keras's defaults.
    package func initialize(
        _ parameters: ParameterBuffer, kernelInitializer: Initializer = .glorotUniform,
        biasInitializer: Initializer = .zeros, using random: inout RandomSource, on backend: any Backend
    ) {
        kernelInitializer.fill(parameters[kernel], using: &random, on: backend)
        if let bias { biasInitializer.fill(parameters[bias], using: &random, on: backend) }
    }

    /// The buffers of a pass.
    package struct Tape {
        let kernel: PackedMatrix
        let back: Back?

        /// What only the way back needs.
        struct Back {
            /// The kernel's transpose `[units, inputSize]`.
            let kernel: PackedMatrix
            let scratch: Storage
        }
    }

    package func makeTape(_ size: PassSize, on backend: any Backend) -> Tape {
        Tape(
            kernel: backend.makePacked(rows: inputSize, columns: units, precision: size.precision),
            back: size.training
                ? Tape.Back(
                    kernel: backend.makePacked(rows: units, columns: inputSize, precision: size.precision),
                    scratch: backend.makeScratch())
                : nil)
    }

    /// Packs the parameters; to be called again whenever they have changed.
    package func prepare(_ tape: Tape, parameters: ParameterBuffer, on backend: any Backend) {
        backend.measure(.packing) {
            backend.pack(parameters[kernel], transposed: false, into: tape.kernel)
            if let back = tape.back { backend.pack(parameters[kernel], transposed: true, into: back.kernel) }
        }
    }

    /// `outputs [M, units]` of `inputs [M, inputSize]`.
    package func forward(
        _ inputs: Operand, into outputs: Matrix, tape: Tape, parameters: ParameterBuffer, on backend: any Backend
    ) {
        backend.measure(.outputLayer) {
            backend.product(inputs, tape.kernel, bias: bias.map { parameters[$0] }, into: outputs)
        }
    }

    /// Writes the parameters' gradients, and that of the inputs into `inputGradient [M, inputSize]`.
    package func backward(
        inputs: Operand, outputGradient: Operand, inputGradient: Matrix?, tape: Tape, gradients: ParameterBuffer,
        on backend: any Backend
    ) {
        guard let back = tape.back else { preconditionFailure("a tape for inference has no way back") }
        backend.measure(.outputLayer) {
            backend.transposedProduct(inputs, outputGradient, scratch: back.scratch, into: gradients[kernel])
            if let bias { backend.columnSums(outputGradient, into: gradients[bias]) }
            if let inputGradient { backend.product(outputGradient, back.kernel, bias: nil, into: inputGradient) }
        }
    }
}
