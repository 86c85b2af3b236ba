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

    /// Fills `parameters` with `tensors`, each at its place.
    /// - Throws: ``ModelError`` where a tensor is missing, has no place, has another shape than its place, or holds a
    ///   number that is not finite.
    package static func read(
        _ tensors: [String: Tensor], _ places: [TorchPlace], into parameters: ParameterBuffer
    ) throws {
        let names = Set(places.map(\.name))
        for name in tensors.keys.sorted() where !names.contains(name) { throw ModelError.unexpectedTensor(name: name) }
        for place in places {
            guard let tensor = tensors[place.name] else { throw ModelError.missingTensor(name: place.name) }
            try place.assign(tensor, in: parameters)
        }
    }

    private func assign(_ tensor: Tensor, in parameters: ParameterBuffer) throws {
        let matrix = parameters[index]
        let shape =
            switch kind {
            case .turned: [matrix.columns, matrix.rows]
            case .straight: matrix.shape
            case .row, .secondBias: [matrix.count]
            }
        guard tensor.shape == shape else {
            throw ModelError.wrongShape(name: name, found: tensor.shape, expected: shape)
        }
        if let bad = tensor.values.firstIndex(where: { !$0.isFinite }) {
            throw ModelError.notFinite(name: name, index: bad)
        }
        switch kind {
        case .turned(let order):
            matrix.assign(Tensor(shape: shape, values: GateOrder.toOurs(tensor.values, order)).transposed.values)
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
