import ChargenNN
import ChargenTensor
import Foundation

/// The golden values that `Tests/References/mlstm.py` wrote: models of multiplicative LSTMs, and of cells whose products are
/// normalized.
package struct CellGolden: Decodable, Sendable, CustomStringConvertible {
    package let cell: RNNConfiguration.Cell
    package let layerNorm: Bool
    package let T, N, V, H, L: Int
    package let D: Int?
    package let inputs, targets: [Int32]
    package let weights, gradients: [String: Golden.Numbers]
    package let h0, dh, logits, h, dh0: Golden.Numbers
    /// Those of the cell state, where the cell has one.
    package let c0, dc, c, dc0: Golden.Numbers?
    package let loss: Double

    private enum CodingKeys: String, CodingKey {
        case cell, T, N, V, H, L, D, inputs, targets, weights, gradients, h0, dh, logits, h, dh0, c0, dc, c, dc0, loss
        case layerNorm = "layer_norm"
    }

    /// Short, since failing tests print it.
    package var description: String { "\(cell), norm \(layerNorm), T \(T), N \(N), V \(V), H \(H), L \(L), D \(D ?? 0)" }

    package static let cases: [CellGolden] = {
        try! JSONDecoder().decode([CellGolden].self, from: try! Data(contentsOf: Golden.file("mlstm.json")))
    }()

    package func model() throws -> RNNModel {
        try RNNModel(
            configuration: RNNConfiguration(
                cell: cell, vocabularySize: V, hiddenSize: H, layers: L, embeddingSize: D, layerNorm: layerNorm),
            tensors: weights.mapValues(\.tensor))
    }

    package var state: RNNState { RNNState(hidden: h0.tensor, cell: c0?.tensor) }
    /// The gradient of the final state.
    package var finalGradient: RNNState { RNNState(hidden: dh.tensor, cell: dc?.tensor) }
}
