import Chargen

/// The description of a model of layers that `chargen info` prints, as a table or as JSON.
struct SequentialReport: Encodable {
    /// The kind of the file; another kind has another value.
    let kind = "sequential"
    let path: String
    let layers: [LayerDescription]
    let inputSize: Int?
    let precision: Precision
    let parameters: Int
    /// The shape of each tensor.
    let tensors: [String: [Int]]
    /// The table of layers.
    private let summary: String

    private enum CodingKeys: CodingKey { case kind, path, layers, inputSize, precision, parameters, tensors }

    /// - Throws: `LayerError`.
    init(path: String, model: Sequential) throws {
        self.path = path
        layers = try model.describedLayers
        inputSize = model.inputSize
        precision = model.precision
        parameters = model.parameterCount
        tensors = Dictionary(uniqueKeysWithValues: model.weights.map { ($0.name, $0.tensor.shape) })
        summary = model.summary()
    }

    /// What is printed: the path, what the model reads, and the table of layers.
    var text: String {
        let input = inputSize.map { "rows of \(Numbers.grouped($0)) numbers" } ?? "token ids"
        return "layers     \(path)\ninput      \(input)\nprecision  \(precision.rawValue)\n\n\(summary)\n"
    }
}
