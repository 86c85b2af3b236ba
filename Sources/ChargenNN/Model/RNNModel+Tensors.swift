import ChargenTensor

extension RNNModel {
    /// The weights under PyTorch's names and in its layouts, as `torch.nn.Embedding`, `torch.nn.LSTM` (or `GRU`, `RNN`) and
    /// `torch.nn.Linear` take them: `embedding.weight [V, D]` where there is an embedding, for each layer `k`
    /// `rnn.weight_ih_lk [G·H, D]` (D is V for one-hot inputs, H above the first layer), `rnn.weight_hh_lk [G·H, H]`,
    /// `rnn.bias_ih_lk [G·H]`, `rnn.bias_hh_lk [G·H]`, then `output.weight [V, H]`, `output.bias [V]`; gates in the order
    /// i, f, g, o of an LSTM and r, z, n of a GRU.
    ///
    /// PyTorch has two biases that, but for a GRU, are only ever added; ours is the first then, and the second is zero.
    public var tensors: [(name: String, tensor: Tensor)] {
        let parameters = parameterBuffer()
        return Self.places(RNNLayers(configuration)).map { place in
            let matrix = parameters[place.index]
            return switch place.kind {
            case .turned(let order): (place.name, Self.reordered(matrix.tensor().transposed, order))
            case .straight: (place.name, matrix.tensor())
            case .row(let order): (place.name, Self.reordered(matrix.tensor(shape: [matrix.count]), order))
            case .secondBias: (place.name, Tensor(zeros: [matrix.count]))
            }
        }
    }

    /// A model with the weights of `tensors`, named and laid out as in ``tensors``. Two biases are added up.
    /// - Throws: ``ModelError`` where a tensor is missing, is none of the model's, has another shape than
    ///   `configuration` asks for, or holds a number that is not finite.
    public init(configuration: RNNConfiguration, tensors: [String: Tensor]) throws {
        let layers = RNNLayers(configuration)
        let places = Self.places(layers)
        for name in tensors.keys.sorted() where !places.contains(where: { $0.name == name }) {
            throw ModelError.unexpectedTensor(name: name)
        }
        let parameters = ParameterBuffer(layout: layers.layout)
        for place in places {
            let matrix = parameters[place.index]
            guard let tensor = tensors[place.name] else { throw ModelError.missingTensor(name: place.name) }
            let shape =
                switch place.kind {
                case .turned: [matrix.columns, matrix.rows]
                case .straight: matrix.shape
                case .row, .secondBias: [matrix.count]
                }
            guard tensor.shape == shape else {
                throw ModelError.wrongShape(name: place.name, found: tensor.shape, expected: shape)
            }
            if let bad = tensor.values.firstIndex(where: { !$0.isFinite }) {
                throw ModelError.notFinite(name: place.name, index: bad)
            }
            switch place.kind {
            case .turned(let order):
                matrix.assign(Tensor(shape: shape, values: GateOrder.toOurs(tensor.values, order)).transposed.values)
            case .straight: matrix.assign(tensor.values)
            case .row(let order): matrix.assign(GateOrder.toOurs(tensor.values, order))
            case .secondBias: matrix.assign(zip(matrix.values, tensor.values).map { $0 + $1 })
            }
        }
        self.init(configuration: configuration, parameters: parameters)
    }

    /// A tensor of PyTorch's and the parameter of ours that it holds.
    private struct Place {
        /// How the one lies in the other, and in which order its gates.
        enum Kind {
            case turned([Int]), straight, row([Int])
            /// One that is only added to the first.
            case secondBias
        }

        let name: String
        let index: ParameterLayout.Index
        let kind: Kind
    }

    private static func reordered(_ tensor: Tensor, _ order: [Int]) -> Tensor {
        Tensor(shape: tensor.shape, values: GateOrder.toOther(tensor.values, order))
    }

    /// In the order of the file; a second bias after the first that it is added to.
    private static func places(_ layers: RNNLayers) -> [Place] {
        var places = layers.embedding.map {
            [Place(name: "embedding.weight", index: $0.table, kind: .straight)]
        } ?? []
        for (layer, cell) in layers.recurrent.enumerated() {
            let order = GateOrder.torch(cell.kind)
            places += [
                Place(name: "rnn.weight_ih_l\(layer)", index: cell.kernel, kind: .turned(order.inputs)),
                Place(name: "rnn.weight_hh_l\(layer)", index: cell.recurrentKernel, kind: .turned(order.gates)),
                Place(name: "rnn.bias_ih_l\(layer)", index: cell.bias!, kind: .row(order.inputs)),
                Place(
                    name: "rnn.bias_hh_l\(layer)", index: cell.recurrentBias ?? cell.bias!,
                    kind: cell.recurrentBias == nil ? .secondBias : .row(order.gates)),
            ]
        }
        return places + [
            Place(name: "output.weight", index: layers.output.kernel, kind: .turned([0])),
            Place(name: "output.bias", index: layers.output.bias!, kind: .row([0])),
        ]
    }
}
