import ChargenTensor

/// A dense layer: `activation(x · kernel + bias)` for each row, of a sequence or of each of its steps.
///
///     Dense(units: 5, activation: .softmax)
public struct Dense: Layer, BuildableLayer {
    /// Numbers in a row of the output.
    public var units: Int
    /// The activation of the output.
    public var activation: Activation
    /// Whether there is a bias.
    public var useBias: Bool
    /// Initial values of the kernel.
    public var kernelInitializer: Initializer
    /// Initial values of the bias.
    public var biasInitializer: Initializer

    /// A layer of `units` units; the defaults are Keras's.
    public init(
        units: Int, activation: Activation = .linear, useBias: Bool = true,
        kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros
    ) {
        self.units = units
        self.activation = activation
        self.useBias = useBias
        self.kernelInitializer = kernelInitializer
        self.biasInitializer = biasInitializer
    }

    /// Checks the options and declares the parameters.
    /// - Throws: ``LayerError``.
    package func build(_ input: SignalShape, _ builder: inout LayerBuilder) throws -> BuiltLayer {
        let name = builder.name, limits = SizeLimits.vocabulary
        try LayerError.require(limits ~= units, name, "units", units, limits.inWords)
        guard let width = input.width else { throw LayerError.needsNumbers(name) }
        return BuiltDense(
            self, inputSize: width, hasTime: input.hasTime,
            kernel: builder.layout.add("\(name).kernel", rows: width, columns: units),
            bias: useBias ? builder.layout.add("\(name).bias", rows: 1, columns: units, decays: false) : nil)
    }
}

/// A ``Dense`` that computes.
package final class BuiltDense: BuiltLayer {
    package let options: Dense
    /// `[D, units]`.
    package let kernel: ParameterLayout.Index
    /// `[1, units]`, where there is one.
    package let bias: ParameterLayout.Index?
    private let inputSize: Int
    private let converted = ReusedMemory(), outputs = ReusedMemory(), gradients = ReusedMemory()
    private var last: (inputs: Operand, outputs: Matrix)?

    init(
        _ options: Dense, inputSize: Int, hasTime: Bool, kernel: ParameterLayout.Index, bias: ParameterLayout.Index?
    ) {
        self.options = options
        self.inputSize = inputSize
        self.kernel = kernel
        self.bias = bias
        super.init(output: SignalShape(width: options.units, hasTime: hasTime))
    }

    package override var kerasWeights: [NamedWeight] {
        [NamedWeight("kernel", kernel, shape: [inputSize, options.units])]
            + (bias.map { [NamedWeight("bias", $0, shape: [options.units])] } ?? [])
    }

    package override func torchWeights(layer: Int, isLast: Bool) -> [NamedWeight] {
        let name = isLast ? "output" : "dense"
        let weight = NamedWeight(
            name: "\(name).weight", shape: [options.units, inputSize],
            read: { [kernel] in $0[kernel].tensor().transposed.values },
            write: { [kernel, shape = [options.units, inputSize]] in
                $1[kernel].assign(Tensor(shape: shape, values: $0).transposed.values)
            })
        return [weight] + (bias.map { [NamedWeight("\(name).bias", $0, shape: [options.units])] } ?? [])
    }

    package override func initialize(
        _ parameters: ParameterBuffer, using random: inout RandomSource, on backend: any Backend
    ) {
        options.kernelInitializer.fill(parameters[kernel], using: &random, on: backend)
        if let bias { options.biasInitializer.fill(parameters[bias], using: &random, on: backend) }
    }

    package override func forward(_ input: Signal, _ pass: PassContext) throws -> Signal {
        let rows = try input.operand(converted, pass)
        guard rows.columns == inputSize else {
            throw LayerError.wrongShape(what: "the input", found: rows.shape, expected: [nil, inputSize])
        }
        let kernel = pass.parameters.packed(kernel, .straight)
        let result = outputs.matrix(rows.rows, options.units, on: pass.backend)
        pass.backend.measure(.outputLayer) {
            pass.backend.product(rows, kernel, bias: bias.map { pass.parameters[$0] }, into: result)
        }
        if !pass.skipsActivation { pass.backend.activate(options.activation, result) }
        last = (rows, result)
        return input.with(result)
    }

    package override func backward(_ gradient: SignalGradient, _ pass: PassContext) -> SignalGradient {
        guard let last else { preconditionFailure("there is no forward pass to backpropagate through") }
        let backend = pass.backend
        var gradient = gradient
        if !gradient.isBeforeActivation && options.activation != .linear {
            let values = gradient.matrix(gradients, on: backend)
            backend.differentiate(options.activation, values: last.outputs, gradient: values)
            gradient.rows = Operand(values)
        }
        let sums = gradient.operand(gradients, pass)
        // The memory of the converted input is free once the kernel's gradient is written.
        let kernel = pass.parameters.packed(kernel, .transposed)
        let result = converted.matrix(last.inputs.rows, inputSize, on: backend)
        backend.measure(.outputLayer) {
            pass.parameters.transposedProduct(last.inputs, sums, into: pass.gradientMemory[self.kernel])
            if let bias { backend.columnSums(sums, into: pass.gradientMemory[bias]) }
            backend.product(sums, kernel, bias: nil, into: result)
        }
        return gradient.with(result)
    }
}
