import ChargenTensor

/// The parameters of a recurrent cell: where they lie, how they begin, and what Keras and PyTorch call them.
///
/// The order of inputs and gates in memory is that of ``CellKind``, which also knows the other libraries' orders.
package struct RecurrentCell: Sendable {
    package let options: RecurrentOptions
    /// Width of the input, D; V for one-hot inputs.
    package let inputSize: Int
    /// `[D, inputs·H]`.
    package let kernel: ParameterLayout.Index
    /// `[H, gates·H]`.
    package let recurrentKernel: ParameterLayout.Index
    /// `[H, H]`: the kernel of the second product, where the kind has one.
    package let secondKernel: ParameterLayout.Index?
    /// `[1, inputs·H]`, where there is a bias.
    package let bias: ParameterLayout.Index?
    /// `[1, gates·H]`, where there is a bias and the kind has a second one.
    package let recurrentBias: ParameterLayout.Index?
    /// `[1, gates·H]`: the gain of the layer normalization of the gates' product, where there is one.
    package let gain: ParameterLayout.Index?
    private let entries: ParameterLayout

    /// Declares the cell's parameters under `name`.
    package init(_ options: RecurrentOptions, name: String, inputSize: Int, layout: inout ParameterLayout) {
        let (kind, H) = (options.kind, options.units)
        func addRow(_ suffix: String, _ blocks: Int) -> ParameterLayout.Index {
            layout.add("\(name).\(suffix)", rows: 1, columns: blocks * H, decays: false)
        }
        self.options = options
        self.inputSize = inputSize
        kernel = layout.add("\(name).kernel", rows: inputSize, columns: kind.inputs * H)
        recurrentKernel = layout.add("\(name).recurrent_kernel", rows: H, columns: kind.gates * H)
        secondKernel = kind.secondProduct.map {
            layout.add("\(name).\($0.kernelName)", rows: H, columns: H)
        }
        bias = options.useBias ? addRow("bias", kind.inputs) : nil
        recurrentBias = options.useBias && kind.hasRecurrentBias ? addRow("recurrent_bias", kind.gates) : nil
        gain = options.layerNorm ? addRow("recurrent_gain", kind.gates) : nil
        entries = layout
    }

    /// The number that the layer normalization adds to the variance: Keras's default.
    package static let normEpsilon: Float = 1e-3

    package var kind: CellKind { options.kind }
    /// Units, H.
    package var units: Int { options.units }

    /// Draws initial values by the options' initializers. An LSTM's forget gate may begin with a bias of one, so that the
    /// cell remembers before it has learned to (Jozefowicz, Zaremba and Sutskever, "An Empirical Exploration of Recurrent
    /// Network Architectures", 2015).
    package func initialize(_ parameters: ParameterBuffer, using random: inout RandomSource, on backend: any Backend) {
        let H = units
        options.kernelInitializer.fill(parameters[kernel], using: &random, on: backend)
        if case .ofIntermediateState = kind.secondProduct, let secondKernel {
            // Drawn as one matrix, as in Keras, and kept as two.
            let both = backend.makeMatrix(H, 3 * H), operand = Operand(both)
            options.recurrentInitializer.fill(both, using: &random, on: backend)
            backend.copy(operand.columns(0..<2 * H), into: Operand(parameters[recurrentKernel]))
            backend.copy(operand.columns(2 * H..<3 * H), into: Operand(parameters[secondKernel]))
        } else {
            options.recurrentInitializer.fill(parameters[recurrentKernel], using: &random, on: backend)
            if let secondKernel { options.recurrentInitializer.fill(parameters[secondKernel], using: &random, on: backend) }
        }
        if let gain { backend.fill(parameters[gain], with: 1) }
        for bias in [recurrentBias, bias] {
            if let bias { options.biasInitializer.fill(parameters[bias], using: &random, on: backend) }
        }
        if let bias, let gate = kind.forgetGate, options.unitForgetBias {
            backend.fill(Operand(parameters[bias]).columns(gate * H..<(gate + 1) * H), with: 1)
        }
    }
}

// MARK: - Names and layouts of other libraries

extension RecurrentCell {
    /// The weights as Keras has them: `kernel [D, G·H]`, `recurrent_kernel [H, G·H]` and, where there is one, `bias`,
    /// which is `[2, 3H]` for a GRU that resets after the product and `[G·H]` for others. What Keras does not have comes last:
    /// `multiplicative_kernel [H, H]` of a multiplicative LSTM (in front of the bias), and `recurrent_gain [gates·H]`.
    package var kerasWeights: [NamedWeight] {
        let (H, G, order) = (units, kind.inputs, kind.keras)
        let gates = weight("recurrent_kernel", recurrentKernel, order.gates)
        var weights = [weight("kernel", kernel, order.inputs), gates]
        switch (kind.secondProduct, secondKernel) {
        case (.ofIntermediateState, let second?): weights[1] = both(gates, second, [H, G * H])
        case (.ofHiddenState(_), let second?): weights.append(weight("multiplicative_kernel", second, [0]))
        default: break
        }
        let gains = gain.map { [weight("recurrent_gain", $0, order.gates, isBias: true)] } ?? []
        guard let bias else { return weights + gains }
        let first = weight("bias", bias, order.inputs, isBias: true)
        if let recurrentBias {
            let second = weight("bias", recurrentBias, order.gates, isBias: true)
            weights.append(
                NamedWeight(
                    name: "bias", shape: [2, G * H], read: { first.read($0) + second.read($0) },
                    write: { values, buffer in
                        first.write(Array(values[..<(G * H)]), buffer)
                        second.write(Array(values[(G * H)...]), buffer)
                    }))
        } else {
            weights.append(first)
        }
        return weights + gains
    }

    /// The weights as PyTorch's recurrent modules keep them under `name`; `suffix` names layer and direction:
    /// `_l0_reverse`. PyTorch has two biases; for cells whose biases are only ever added, ours is the first, and the second
    /// is zero, or added to the first where it is read. PyTorch has no multiplicative LSTM and no layer normalization in
    /// recurrent layers: their tensors are `weight_mh [H, H]` and `norm_weight [gates·H]`. Traps for a cell
    /// without biases, which PyTorch's names do not cover.
    package func torchWeights(_ name: String, suffix: String) -> [NamedWeight] {
        guard let bias else { preconditionFailure("\(name) without biases is none of PyTorch's layers") }
        let order = kind.torch
        func named(_ part: String, _ index: ParameterLayout.Index, _ order: [Int], isBias: Bool = false) -> NamedWeight {
            weight("\(name).\(part)\(suffix)", index, order, transposed: !isBias, isBias: isBias)
        }
        let added = NamedWeight(
            name: "\(name).bias_hh\(suffix)", shape: [kind.inputs * units],
            read: { [Float](repeating: 0, count: $0[bias].count) },
            write: { values, buffer in buffer[bias].assign(zip(buffer[bias].values, values).map { $0 + $1 }) })
        var weights = [named("weight_ih", kernel, order.inputs), named("weight_hh", recurrentKernel, order.gates)]
        if let secondKernel { weights.append(named("weight_mh", secondKernel, [0])) }
        weights.append(named("bias_ih", bias, order.inputs, isBias: true))
        if let recurrentBias {
            weights.append(named("bias_hh", recurrentBias, order.gates, isBias: true))
        } else if kind.secondProduct == nil {
            weights.append(added)
        }
        return weights + (gain.map { [named("norm_weight", $0, order.gates, isBias: true)] } ?? [])
    }

    private func weight(
        _ name: String, _ index: ParameterLayout.Index, _ order: [Int], transposed: Bool = false, isBias: Bool = false
    ) -> NamedWeight {
        NamedWeight(name, index, entries[index], order: order, transposed: transposed, isBias: isBias)
    }

    /// The recurrent kernel whose last part is that of the second product.
    private func both(_ gates: NamedWeight, _ second: ParameterLayout.Index, _ shape: [Int]) -> NamedWeight {
        let H = units
        /// Columns `range` of each row `[H, 3H]`.
        func columns(_ values: [Float], _ range: Range<Int>) -> [Float] {
            (0..<H).flatMap { (row: Int) -> ArraySlice<Float> in
                values[row * 3 * H + range.lowerBound..<row * 3 * H + range.upperBound]
            }
        }
        return NamedWeight(
            name: gates.name, shape: shape,
            read: { buffer in
                let (first, last) = (gates.read(buffer), buffer[second].values)
                return (0..<H).flatMap { (row: Int) -> [Float] in
                    let (left, right) = (row * 2 * H, row * H)
                    return Array(first[left..<left + 2 * H]) + Array(last[right..<right + H])
                }
            },
            write: { values, buffer in
                gates.write(columns(values, 0..<2 * H), buffer)
                buffer[second].assign(columns(values, 2 * H..<3 * H))
            })
    }
}

extension CellKind.SecondProduct {
    /// The name of the product's kernel in a layout.
    fileprivate var kernelName: String {
        switch self {
        case .ofIntermediateState: "candidate_kernel"
        case .ofHiddenState: "multiplicative_kernel"
        }
    }
}
