import ChargenNN
import ChargenTensor
import Foundation

/// The golden values that `Tests/References/lstm.py` wrote.
package struct Golden: Decodable, Sendable, CustomStringConvertible {
    /// Short, since failing tests print it.
    package var description: String { "T \(T), N \(N), V \(V), H \(H), L \(L), D \(D ?? 0)" }

    package struct Numbers: Decodable, Sendable {
        package let shape: [Int]
        package let values: [Float]
        package var tensor: Tensor { Tensor(shape: shape, values: values) }
    }

    package struct Trained: Decodable, Sendable {
        package let weights: [String: Numbers]
        package let norms: [Double]
        package let rate: Double
        package let norm: Double?
        package let value: Double?
    }

    package let T, N, V, H, L: Int
    package let D: Int?
    package let inputs, targets: [Int32]
    package let weights, gradients: [String: Numbers]
    package let h0, c0, dh, dc, logits, h, c, dh0, dc0: Numbers
    package let loss: Double
    package let adam, sgd: Trained

    package static let cases: [Golden] = {
        try! JSONDecoder().decode([Golden].self, from: try! Data(contentsOf: file("lstm.json")))
    }()

    /// One of the files that the scripts under `Tests/References` wrote.
    package static func file(_ name: String) -> URL { Bundle.module.bundleURL.appendingPathComponent("Golden/\(name)") }

    package func model() throws -> RNNModel {
        try RNNModel(
            configuration: RNNConfiguration(vocabularySize: V, hiddenSize: H, layers: L, embeddingSize: D),
            tensors: weights.mapValues(\.tensor))
    }

    /// A network for training that starts from the golden weights.
    package func network(on backend: any Backend, precision: OperandPrecision = .float32) throws -> TokenNetwork {
        try TokenNetwork(model(), precision: precision, on: backend)
    }

    package var state: RNNState { RNNState(hidden: h0.tensor, cell: c0.tensor) }
}
