import ChargenTensor

extension RNNModel {
    /// The weights under PyTorch's names and in its layouts, as `torch.nn.LSTM` and `torch.nn.Linear` take them:
    /// `rnn.weight_ih_l0 [4H, V]`, `rnn.weight_hh_l0 [4H, H]`, `rnn.bias_ih_l0 [4H]`, `rnn.bias_hh_l0 [4H]`,
    /// `output.weight [V, H]`, `output.bias [V]`; gates in the order i, f, g, o.
    ///
    /// PyTorch has two biases that are only ever added; ours is the first, and the second is zero.
    public var tensors: [(name: String, tensor: Tensor)] {
        let layers = RNNLayers(configuration)
        let parameters = parameterBuffer()
        return Self.names(layers).map { name, index in
            guard let index else { return (name, Tensor(zeros: Self.shape(of: name, configuration))) }
            let shape = Self.shape(of: name, configuration)
            let tensor = parameters[index].tensor()
            // A bias is a row; a kernel is turned, even where one of its sides is 1.
            return (name, shape.count == 1 ? Tensor(shape: shape, values: tensor.values) : tensor.transposed)
        }
    }

    /// A model with the weights of `tensors`, named and laid out as in ``tensors``. Two biases are added up.
    /// - Throws: ``ModelError`` where a tensor is missing, is none of the model's, has another shape than
    ///   `configuration` asks for, or holds a number that is not finite.
    public init(configuration: RNNConfiguration, tensors: [String: Tensor]) throws {
        let layers = RNNLayers(configuration)
        let names = Self.names(layers)
        for name in tensors.keys.sorted() where !names.contains(where: { $0.name == name }) {
            throw ModelError.unexpectedTensor(name: name)
        }
        let parameters = ParameterBuffer(layout: layers.layout)
        for (name, index) in names {
            guard let tensor = tensors[name] else { throw ModelError.missingTensor(name: name) }
            let shape = Self.shape(of: name, configuration)
            guard tensor.shape == shape else {
                throw ModelError.wrongShape(name: name, found: tensor.shape, expected: shape)
            }
            if let bad = tensor.values.firstIndex(where: { !$0.isFinite }) {
                throw ModelError.notFinite(name: name, index: bad)
            }
            if let index {
                parameters[index].assign(shape.count == 1 ? tensor.values : tensor.transposed.values)
            } else {
                let bias = parameters[layers.recurrent.bias]
                bias.assign(zip(bias.values, tensor.values).map { $0 + $1 })
            }
        }
        self.init(configuration: configuration, parameters: parameters)
    }

    /// PyTorch's names and our parameters; nil for the second bias, which we do not have.
    private static func names(_ layers: RNNLayers) -> [(name: String, index: ParameterLayout.Index?)] {
        [
            ("rnn.weight_ih_l0", layers.recurrent.kernel),
            ("rnn.weight_hh_l0", layers.recurrent.recurrentKernel),
            ("rnn.bias_ih_l0", layers.recurrent.bias),
            ("rnn.bias_hh_l0", nil),
            ("output.weight", layers.output.kernel),
            ("output.bias", layers.output.bias),
        ]
    }

    /// The shape that PyTorch gives the tensor called `name`.
    private static func shape(of name: String, _ configuration: RNNConfiguration) -> [Int] {
        let (V, H) = (configuration.vocabularySize, configuration.hiddenSize)
        switch name {
        case "rnn.weight_ih_l0": return [4 * H, V]
        case "rnn.weight_hh_l0": return [4 * H, H]
        case "output.weight": return [V, H]
        case "output.bias": return [V]
        default: return [4 * H]
        }
    }
}
