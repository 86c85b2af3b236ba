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
        return Self.places(RNNLayers(configuration)).map { ($0.name, $0.tensor(of: parameters)) }
    }

    /// A model with the weights of `tensors`, named and laid out as in ``tensors``. Two biases are added up.
    /// - Throws: ``ModelError`` where a tensor is missing, is none of the model's, has another shape than
    ///   `configuration` asks for, or holds a number that is not finite.
    public init(configuration: RNNConfiguration, tensors: [String: Tensor]) throws {
        let layers = RNNLayers(configuration)
        let parameters = try TorchPlace.read(tensors, Self.places(layers), layout: layers.layout)
        self.init(configuration: configuration, parameters: parameters)
    }

    /// In the order of the file.
    private static func places(_ layers: RNNLayers) -> [TorchPlace] {
        (layers.embedding.map { [TorchPlace(name: "embedding.weight", index: $0.table, kind: .straight)] } ?? [])
            + layers.recurrent.enumerated().flatMap { $1.torchPlaces("rnn", suffix: "_l\($0)") }
            + layers.output.torchPlaces("output")
    }
}
