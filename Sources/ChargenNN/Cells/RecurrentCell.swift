import ChargenTensor

/// A recurrent cell's parameters, and where they lie.
///
/// How inputs and gates lie side by side is the kernels' order (``CellKind``); Keras's and PyTorch's orders are those of
/// ``GateOrder``.
package struct RecurrentCell: Sendable {
    package let specification: CellSpecification
    /// Width of the input, D; V for one-hot inputs.
    package let inputSize: Int
    /// `[D, inputs·H]`.
    package let kernel: ParameterLayout.Index
    /// `[H, gates·H]`.
    package let recurrentKernel: ParameterLayout.Index
    /// `[H, H]`: that of `r ∘ h`, where the kind has a second product.
    package let candidateKernel: ParameterLayout.Index?
    /// `[1, inputs·H]`, where there is a bias.
    package let bias: ParameterLayout.Index?
    /// `[1, gates·H]`, where there is a bias and the kind has a second one.
    package let recurrentBias: ParameterLayout.Index?

    /// Declares the cell's parameters under `name`.
    package init(_ specification: CellSpecification, name: String, inputSize: Int, layout: inout ParameterLayout) {
        let (kind, H) = (specification.kind, specification.units)
        self.specification = specification
        self.inputSize = inputSize
        kernel = layout.add("\(name).kernel", rows: inputSize, columns: kind.inputs * H)
        recurrentKernel = layout.add("\(name).recurrent_kernel", rows: H, columns: kind.gates * H)
        candidateKernel =
            kind.hasCandidate ? layout.add("\(name).candidate_kernel", rows: H, columns: H) : nil
        bias = specification.useBias ? layout.add("\(name).bias", rows: 1, columns: kind.inputs * H) : nil
        recurrentBias =
            specification.useBias && kind.hasRecurrentBias
            ? layout.add("\(name).recurrent_bias", rows: 1, columns: kind.gates * H) : nil
    }

    package var kind: CellKind { specification.kind }
    /// Units, H.
    package var hiddenSize: Int { specification.units }

    /// Draws initial values: Keras's defaults are a kernel Glorot uniform, a recurrent kernel orthogonal, a bias zero but
    /// one for the forget gate, so that a cell remembers before it has learned to (Jozefowicz, Zaremba and Sutskever, 2015).
    ///
    /// For one-hot inputs the kernel is LeCun uniform with a fan-in of one: of such an input just one number is not zero,
    /// and Glorot's rule, which counts V of them, would make characters all but inaudible at first. On tiny Shakespeare
    /// the validation loss after three epochs is 1.545 instead of 1.646, and a first epoch no longer ends with a cell
    /// state that runs away.
    package func initialize(
        _ parameters: ParameterBuffer, oneHot: Bool = false, using random: inout RandomSource, on backend: any Backend
    ) {
        let H = hiddenSize
        let first: Initializer = oneHot ? .lecunUniform(fanIn: 1) : specification.kernelInitializer
        first.fill(parameters[kernel], using: &random, on: backend)
        if let candidateKernel {
            // Drawn as one matrix, as in Keras, and kept as two.
            let both = Matrix(rows: H, columns: 3 * H)
            specification.recurrentInitializer.fill(both, using: &random, on: backend)
            Operand(both).columns(0..<2 * H).copy(to: parameters[recurrentKernel])
            Operand(both).columns(2 * H..<3 * H).copy(to: parameters[candidateKernel])
        } else {
            specification.recurrentInitializer.fill(parameters[recurrentKernel], using: &random, on: backend)
        }
        if let recurrentBias {
            specification.biasInitializer.fill(parameters[recurrentBias], using: &random, on: backend)
        }
        guard let bias else { return }
        specification.biasInitializer.fill(parameters[bias], using: &random, on: backend)
        if kind == .lstm && specification.unitForgetBias {
            var values = parameters[bias].values
            values.replaceSubrange(H..<2 * H, with: [Float](repeating: 1, count: H))
            parameters[bias].assign(values)
        }
    }
}
