import ChargenTensor

/// A tensor of PyTorch's and the parameter of ours that it holds.
package struct TorchPlace {
    /// How the one lies in the other, and in which order its gates.
    package enum Kind {
        case turned([Int]), straight, row([Int])
        /// One that is only added to the first; it must come after that.
        case secondBias
    }

    /// PyTorch's name.
    package let name: String
    package let index: ParameterLayout.Index
    package let kind: Kind

    package init(name: String, index: ParameterLayout.Index, kind: Kind) {
        self.name = name
        self.index = index
        self.kind = kind
    }

    /// The tensor as PyTorch has it.
    package func tensor(of parameters: ParameterBuffer) -> Tensor {
        let matrix = parameters[index]
        func reordered(_ tensor: Tensor, _ order: [Int]) -> Tensor {
            Tensor(shape: tensor.shape, values: GateOrder.toOther(tensor.values, order))
        }
        return switch kind {
        case .turned(let order): reordered(matrix.tensor().transposed, order)
        case .straight: matrix.tensor()
        case .row(let order): reordered(matrix.tensor(shape: [matrix.count]), order)
        case .secondBias: Tensor(zeros: [matrix.count])
        }
    }

    /// Fills new parameters with `tensors`, each at its place. No memory is taken before all of them fit.
    /// - Throws: ``ModelError`` where a tensor is missing, has no place, has another shape than its place, or holds a
    ///   number that is not finite.
    package static func read(
        _ tensors: [String: Tensor], _ places: [TorchPlace], layout: ParameterLayout
    ) throws -> ParameterBuffer {
        let names = Set(places.map(\.name))
        for name in tensors.keys.sorted() where !names.contains(name) { throw ModelError.unexpectedTensor(name: name) }
        for place in places {
            guard let tensor = tensors[place.name] else { throw ModelError.missingTensor(name: place.name) }
            let expected = place.shape(layout)
            guard tensor.shape == expected else {
                throw ModelError.wrongShape(name: place.name, found: tensor.shape, expected: expected)
            }
            if let bad = tensor.values.firstIndex(where: { !$0.isFinite }) {
                throw ModelError.notFinite(name: place.name, index: bad)
            }
        }
        let parameters = ParameterBuffer(layout: layout)
        for place in places { place.assign(tensors[place.name]!, in: parameters) }
        return parameters
    }

    private func shape(_ layout: ParameterLayout) -> [Int] {
        let entry = layout[index]
        return switch kind {
        case .turned: [entry.columns, entry.rows]
        case .straight: [entry.rows, entry.columns]
        case .row, .secondBias: [entry.rows * entry.columns]
        }
    }

    private func assign(_ tensor: Tensor, in parameters: ParameterBuffer) {
        let matrix = parameters[index]
        switch kind {
        case .turned(let order):
            let ours = Tensor(shape: tensor.shape, values: GateOrder.toOurs(tensor.values, order))
            matrix.assign(ours.transposed.values)
        case .straight: matrix.assign(tensor.values)
        case .row(let order): matrix.assign(GateOrder.toOurs(tensor.values, order))
        case .secondBias: matrix.assign(zip(matrix.values, tensor.values).map { $0 + $1 })
        }
    }
}

extension RecurrentCell {
    /// The cell as PyTorch's recurrent modules keep it under `name`; `suffix` tells layer and direction: `_l0_reverse`.
    /// For cells with biases, the reset not before the product: what PyTorch has.
    package func torchPlaces(_ name: String, suffix: String) -> [TorchPlace] {
        let order = GateOrder.torch(kind)
        guard let bias else { preconditionFailure("\(name) without biases is none of PyTorch's layers") }
        return [
            TorchPlace(name: "\(name).weight_ih\(suffix)", index: kernel, kind: .turned(order.inputs)),
            TorchPlace(name: "\(name).weight_hh\(suffix)", index: recurrentKernel, kind: .turned(order.gates)),
            TorchPlace(name: "\(name).bias_ih\(suffix)", index: bias, kind: .row(order.inputs)),
            TorchPlace(
                name: "\(name).bias_hh\(suffix)", index: recurrentBias ?? bias,
                kind: recurrentBias == nil ? .secondBias : .row(order.gates)),
        ]
    }
}

extension AffineMap {
    /// The layer as `torch.nn.Linear` keeps it under `name`.
    package func torchPlaces(_ name: String) -> [TorchPlace] {
        [TorchPlace(name: "\(name).weight", index: kernel, kind: .turned([0]))]
            + (bias.map { [TorchPlace(name: "\(name).bias", index: $0, kind: .row([0]))] } ?? [])
    }
}
